//! `crhost flavor register`: what a component is and what it asks for, before it is granted anything.

use std::io::IsTerminal as _;
use std::path::Path;

use dialoguer::Confirm;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::describe;
use crate::catalog::{Candidate, Catalog};
use crate::error::Kind;
use crate::flavor::RequestedHost;
use crate::grant::Grant;
use crate::store::{Added, FlavorRecord, Store};
use crate::text::quoted;

/// What the user wants.
pub(super) struct Wish {
    pub(super) replace: bool,
    pub(super) yes: bool,
    pub(super) written: Vec<Grant>,
}

pub(super) async fn run(
    context: &Context,
    catalog: &Catalog<'_>,
    store: &Store,
    file: &Path,
    wish: Wish,
) -> Result<(), Failure> {
    let candidate = catalog.inspect(file, wish.replace).await?;
    // Who names hosts for other bytes has named all of them.
    let named_anew = !wish.yes && !wish.written.is_empty() && !is_unchanged(&candidate);
    let kept = if named_anew { Vec::new() } else { written(&candidate) };
    // A program reads an error on standard error as JSON; a person is shown what the question is about.
    if !context.is_json() || is_at_terminal() {
        show(&candidate, &kept);
    }
    let grants = consent(&candidate, &wish, kept).await?;
    let added = catalog.register(&candidate, &grants, wish.replace)?;
    let Candidate { flavor, record, .. } = candidate;
    if context.is_json() {
        describe::print_json(catalog, store, &record.name).await?;
    } else {
        let done = match added {
            Added::New => "registered",
            Added::Unchanged => "already registered:",
            Added::Replaced => "replaced",
        };
        let FlavorRecord { name, version, digest, .. } = &record;
        output::say_line(&format!("{done} flavor `{name}` {version} ({digest})"));
    }
    let missing = |ask: &RequestedHost<'_>| !grants.iter().any(|grant| grant.pattern == *ask.pattern);
    let denied: Vec<_> =
        flavor.description().requested_hosts().into_iter().filter(missing).map(|ask| ask.pattern.clone()).collect();
    if added != Added::Unchanged && !denied.is_empty() {
        output::say("warning", &format!("it asks to reach {} too, which is not granted as such", quoted(denied)));
    }
    Ok(())
}

fn is_unchanged(candidate: &Candidate) -> bool {
    candidate.registered.as_ref().is_some_and(|(old, _)| old.digest == candidate.record.digest)
}

fn is_at_terminal() -> bool {
    std::io::stdin().is_terminal() && output::stderr_is_terminal()
}

/// What the user wrote out for this name: theirs to keep, for other bytes once they agree to those.
fn written(candidate: &Candidate) -> Vec<Grant> {
    let grants = candidate.registered.iter().flat_map(|(_, grants)| grants);
    grants.filter(|grant| grant.written).cloned().collect()
}

/// What the flavor is granted. The user is asked once, and only where there is something to decide: a flavor that asks for
/// nothing and was granted nothing reaches nothing.
async fn consent(candidate: &Candidate, wish: &Wish, kept: Vec<Grant>) -> Result<Vec<Grant>, Failure> {
    let name = &candidate.record.name;
    let asks = candidate.flavor.description().requested_hosts();
    let nothing_to_grant = asks.is_empty() && kept.is_empty() && candidate.of_registries.is_empty();
    if !wish.yes && (is_unchanged(candidate) || nothing_to_grant || !wish.written.is_empty()) {
        return Ok(wish.written.clone());
    }
    // Of a pattern that is granted twice, the last one holds: what was written is not undone by what is asked.
    let asked = asks.iter().map(|ask| Grant::asked(ask.pattern.clone()));
    let all = asked.chain(kept.iter().cloned()).chain(wish.written.iter().cloned()).collect();
    if wish.yes {
        return Ok(all);
    }
    if !is_at_terminal() {
        let keeps = kept.iter().chain(candidate.of_registries.iter().map(|(_, grant)| grant));
        let hosts = quoted(asks.iter().map(|ask| ask.pattern).chain(keeps.map(|grant| &grant.pattern)));
        let message = format!("flavor `{name}` asks to reach {hosts}, and there is no terminal to ask you at");
        let hint = "`--yes` grants all of it, `--allow-host PATTERN` only what you name";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let prompt = format!("Register flavor `{name}` and let it reach these hosts?");
    let answer = tokio::task::spawn_blocking(|| Confirm::new().with_prompt(prompt).default(false).interact());
    match answer.await {
        Ok(Ok(true)) => Ok(all),
        _ => Err(Failure::new(
            Kind::General,
            format!("flavor `{name}` was not registered"),
            "`--allow-host PATTERN` grants only what you name",
        )),
    }
}

/// Shows what would be registered, and what is new about it.
fn show(candidate: &Candidate, kept: &[Grant]) {
    let description = candidate.flavor.description();
    let known = candidate.registered.as_ref().map(|(record, grants)| (record, grants.as_slice()));
    for (name, value) in describe::facts(&candidate.record, description) {
        output::say_line(format!("{name:16}{value}").trim_end());
    }
    if let Some((old, _)) = known.filter(|(old, _)| old.digest != candidate.record.digest) {
        output::say_line(&format!("{:16}version {} ({})", "In place of", old.version, old.digest));
    }
    let granted =
        |ask: &RequestedHost<'_>| known.is_some_and(|(_, grants)| grants.iter().any(|old| old.pattern == *ask.pattern));
    for ask in description.requested_hosts() {
        let methods = describe::methods(&ask);
        let secrets = if methods.is_empty() { methods } else { format!(", with secrets of {methods}") };
        let new = if known.is_some() && !granted(&ask) { "  (new)" } else { "" };
        output::say_line(format!("{:16}{}{secrets}{new}", "Asks to reach", ask.pattern).trim_end());
    }
    let kept = kept.iter().map(|grant| (grant, String::new()));
    let of_registries = candidate.of_registries.iter().map(|(name, grant)| (grant, format!(" for registry `{name}`")));
    for (grant, registry) in kept.chain(of_registries) {
        let secrets = if grant.secrets { ", with secrets" } else { "" };
        output::say_line(&format!("{:16}{}{secrets}{registry}  (you wrote it)", "Keeps", grant.pattern));
    }
}
