//! `crhost kubernetes pull-secret --watch`: renews a Secret before it ends, until a signal comes.
//!
//! Once it runs it goes on whatever fails: a registry whose flavor fails keeps the credentials that it had, others are
//! renewed, and what failed is tried again, less and less often. What fails at the first try, and not for want of an
//! answer, is a mistake that the user should see at once.

use std::time::Duration;

use super::super::failure::Failure;
use super::super::output;
use super::super::signals::shutdown_signal;
use super::asker::Asker;
use super::deliver::Delivery;
use super::remarks::warn;
use crate::error::Kind;
use crate::kubernetes::{Entry, Renewal};
use crate::store::{Name, Store};
use crate::text::Moment;

/// The longest sleep: the wall clock is looked at again after it, as a machine may have slept meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// A registry, and the credentials that it gave last.
struct Watched {
    name: Name,
    entry: Option<Entry>,
    renewal: Renewal,
}

/// Renews the Secret of these registries until a signal comes, which is the ordinary end, or until standard output has
/// no reader.
pub(super) async fn run(
    store: &Store,
    asker: &Asker<'_>,
    registries: Vec<Name>,
    delivery: &Delivery,
) -> Result<(), Failure> {
    let signal = shutdown_signal();
    let watched = registries.into_iter().map(|name| Watched { name, entry: None, renewal: Renewal::default() });
    tokio::select! {
        result = renew(store, asker, watched.collect(), delivery) => result,
        _ = signal => Ok(()),
    }
}

async fn renew(
    store: &Store,
    asker: &Asker<'_>,
    mut watched: Vec<Watched>,
    delivery: &Delivery,
) -> Result<(), Failure> {
    let (mut is_delivered, mut retry) = (false, Renewal::default());
    let mut was_delivered = false;
    loop {
        for watched in watched.iter_mut().filter(|watched| watched.renewal.due <= Moment::now().0) {
            match ask(store, asker, &watched.name).await {
                Ok(entry) => {
                    is_delivered &= watched.entry.as_ref().is_some_and(|old| is_same(old, &entry));
                    if watched.entry.is_none() {
                        warn(&entry);
                    }
                    watched.renewal = Renewal::of(entry.login.expires_at, Moment::now().0);
                    watched.entry = Some(entry);
                }
                Err(failure) if !was_delivered && !is_passing(&failure) => return Err(failure),
                Err(failure) => {
                    watched.renewal = watched.renewal.after_failure(Moment::now().0);
                    tell(&format!("the credentials of `{}` are not renewed", watched.name), &failure, watched.renewal);
                }
            }
        }
        if !is_delivered && retry.due <= Moment::now().0 && watched.iter().all(|watched| watched.entry.is_some()) {
            match deliver(&mut watched, delivery).await {
                Ok(()) => (is_delivered, was_delivered, retry) = (true, true, Renewal::default()),
                Err(failure) if !was_delivered && !is_passing(&failure) => return Err(failure),
                Err(failure) => {
                    retry = retry.after_failure(Moment::now().0);
                    tell("the Secret is not renewed", &failure, retry);
                }
            }
        }
        // Told by the end of the command, as for any other.
        if output::write_failure().is_some() {
            return Ok(());
        }
        let next = watched.iter().map(|watched| watched.renewal.due).chain((!is_delivered).then_some(retry.due)).min();
        let wait = Duration::from_secs(next.unwrap_or_default().saturating_sub(Moment::now().0));
        // At least a second: the Secret may wait for a registry that is not due yet.
        tokio::time::sleep(wait.clamp(Duration::from_secs(1), LONGEST_SLEEP)).await;
    }
}

/// The registry as it is registered now, with new credentials.
async fn ask(store: &Store, asker: &Asker<'_>, name: &Name) -> Result<Entry, Failure> {
    asker.ask(store.registry(name)?, false).await
}

/// Delivers what there is. The entries go on being watched.
async fn deliver(watched: &mut [Watched], delivery: &Delivery) -> Result<(), Failure> {
    let entries: Vec<Entry> = watched.iter_mut().filter_map(|watched| watched.entry.take()).collect();
    let result = delivery.deliver(&entries).await;
    watched.iter_mut().zip(entries).for_each(|(watched, entry)| watched.entry = Some(entry));
    result
}

/// Whether a Secret would be the same. One with an end has another end.
fn is_same(old: &Entry, new: &Entry) -> bool {
    old.login.credential.is_same(&new.login.credential)
        && old.login.expires_at == new.login.expires_at
        && old.registry.uri == new.registry.uri
}

/// Whether trying again may help.
fn is_passing(failure: &Failure) -> bool {
    failure.kind() == Kind::Network
}

fn tell(what: &str, failure: &Failure, renewal: Renewal) {
    let (message, hint) = failure.words();
    let wait = renewal.due.saturating_sub(Moment::now().0);
    output::say("warning", &format!("{what}, and tried again in {wait} s: {message}"));
    hint.iter().for_each(|hint| output::say("hint", hint));
}
