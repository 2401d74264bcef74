//! What works of all that a push, a credential helper and the user's registries need, what does not, and what to do.
//!
//! Each check reuses what the commands themselves do, and says in one line what it found. No check stops another one,
//! each ends within [`LIMIT`](bounded::LIMIT), and those of several registries run side by side. Nothing is changed or
//! made: the store is a copy, and no repository is prepared.

mod account;
mod bounded;
mod clock;
mod connection;
mod daemon;
mod disk;
mod environment;
mod finding;
mod flavor;
mod helper;
mod home;
mod kubelet;
mod logins;
mod registry;
mod server;
mod subject;

pub(crate) use finding::{Check, Finding, State};

use std::time::Duration;

use futures_util::future::{join, join_all};

use crate::catalog::Catalog;
use crate::distribution::Client;
use crate::docker::Configuration;
use crate::environment::{EnvVars, Environment};
use crate::flavor::Runtime;
use crate::registry::{Authenticator, Destination, RegistryError};
use crate::store::{Home, NoHome, Store};
use subject::Subject;

/// Longest silence of a registry. A user waits for the answer, and whoever waits for this long will wait in a push.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// What is examined.
pub(crate) struct Patient<'a> {
    /// The environment of the process.
    pub(crate) environment: &'a Environment,
    /// The directories of crhost.
    pub(crate) home: Result<&'a Home, &'a NoHome>,
    /// Docker's configuration.
    pub(crate) docker: &'a Configuration,
    /// Loads flavors.
    pub(crate) runtime: &'a Runtime,
    /// Asks registries.
    pub(crate) client: &'a Client,
    /// Whether images of the daemon are read from its export only.
    pub(crate) export_only: bool,
    /// Whether an upload is opened, and given up, to find out whether the user may push.
    pub(crate) push: bool,
}

/// What is examined in place of what is stored.
pub(crate) struct Configured {
    /// The registries.
    pub(crate) store: Store,
    /// Whether they are all that there are: a server may not have told its own.
    pub(crate) is_whole: bool,
}

/// Runs all checks: those of the machine, and those of the named registries or of all that are registered. What a file
/// or a server has registered is `configured`, and is examined in place of what is stored.
///
/// # Errors
/// When no registry has a given name, or a given URI can't be a registry's.
pub(crate) async fn examine(
    patient: &Patient<'_>,
    named: &[Destination],
    configured: Option<Configured>,
) -> Result<Vec<Finding>, RegistryError> {
    let (mut findings, stored, unknown) = match configured {
        Some(Configured { store, is_whole }) => (Vec::new(), Some(store), (!is_whole).then_some(subject::UNTOLD)),
        None => {
            let (findings, stored) = home::look(patient.home).await;
            let unknown = stored.is_none().then_some(subject::UNREADABLE);
            (findings, stored, unknown)
        }
    };
    let store = match stored {
        Some(store) => store,
        // Registries that are not registered can be examined all the same.
        None => Store::without_file(std::path::Path::new("."), &NoHome)?,
    };
    let catalog = Catalog::new(patient.runtime, &store);
    let subjects = subject::chosen(&store, &catalog, named, unknown).await?;
    let (of_machine, of_registries) =
        join(machine(patient, &store), registries(patient, &store, &subjects, unknown)).await;
    findings.extend(of_machine);
    findings.extend(of_registries);
    findings.sort_by_key(|finding| finding.registry.is_some());
    Ok(findings)
}

/// The checks of the machine, side by side, in the order in which they are shown.
async fn machine(patient: &Patient<'_>, store: &Store) -> Vec<Finding> {
    let Patient { environment, docker, home, .. } = *patient;
    let (around, daemon) = join(
        async {
            let mut findings = environment::variables(environment);
            findings.extend(bounded::within(Check::Server, server::asked(environment)).await);
            findings.extend(clock::of_machine());
            findings.extend(disk::space(home.ok()).await);
            findings.extend(logins::files(environment, docker));
            findings.extend(helper::set_up(environment, docker, store).await);
            findings.extend(kubelet::set_up(store).await);
            findings
        },
        daemon::images(environment, docker, patient.export_only),
    )
    .await;
    around.into_iter().chain(daemon).collect()
}

async fn registries(
    patient: &Patient<'_>,
    store: &Store,
    subjects: &[Subject],
    unknown: Option<&'static str>,
) -> Vec<Finding> {
    let Patient { client, docker, environment, .. } = *patient;
    if subjects.is_empty() {
        let next = "`crhost registry register NAME --flavor FLAVOR --uri URI`; an image with its whole name is pushed \
                    without";
        if environment.text(EnvVars::CRHOST_SERVER).is_some() {
            return vec![Finding::skipped(
                Check::Registry,
                "registries are those of the server: name one to examine it",
            )];
        }
        return vec![match unknown {
            None => Finding::skipped(Check::Registry, "no registry is registered").with_next(next),
            Some(why) => Finding::skipped(Check::Registry, why),
        }];
    }
    let catalog = Catalog::new(patient.runtime, store);
    let authenticator = Authenticator { client, docker, environment };
    let examined = subjects.iter().map(|subject| {
        let by_server = environment.text(EnvVars::CRHOST_SERVER).is_some();
        let examiner = registry::Examiner {
            store,
            catalog: &catalog,
            authenticator: &authenticator,
            push: patient.push,
            by_server,
        };
        async move {
            let findings = match subject {
                Subject::Registry(registry) => examiner.examine(registry).await,
                Subject::Unusable(failed, _) => vec![failed.clone()],
            };
            findings.into_iter().map(|finding| finding.of(subject.shown())).collect::<Vec<_>>()
        }
    });
    join_all(examined).await.into_iter().flatten().collect()
}
