//! The Docker daemon, and the way in which its images are read.

use super::bounded::within;
use super::finding::{Check, Finding};
use crate::docker::{About, Candidates, Chosen, Configuration, Engine, Origin};
use crate::environment::{EnvVars, Environment};
use crate::source::{Reading, reading};

/// Whether images can be read from a daemon, and how.
pub(super) async fn images(environment: &Environment, docker: &Configuration, export_only: bool) -> Vec<Finding> {
    within(Check::Daemon, find(environment, docker, export_only)).await
}

async fn find(environment: &Environment, docker: &Configuration, export_only: bool) -> Vec<Finding> {
    let candidates = match Candidates::find(environment, docker, &Chosen::default()) {
        Ok(candidates) => candidates,
        Err(error) => return without(Finding::failed(Check::Daemon, &error)),
    };
    let mut findings = Vec::new();
    let hidden = environment.text(EnvVars::DOCKER_CONTEXT);
    if let (Origin::Variable, Some(hidden)) = (candidates.origin(), hidden) {
        let found = format!("`DOCKER_HOST` is set, so that the context `{hidden}` of `DOCKER_CONTEXT` is not used");
        findings.push(Finding::warning(Check::Daemon, found, "`unset` the one that is not meant"));
    }
    let engine = match Engine::connect(&candidates).await {
        Ok(engine) => engine,
        Err(error) => {
            let failed = Finding::failed(Check::Daemon, &error);
            // Many machines that push have none, such as those that push files of images.
            let is_expected = candidates.is_unset();
            findings.extend(without(if is_expected { failed.into_warning() } else { failed }));
            return findings;
        }
    };
    match engine.about().await {
        Ok(about) => {
            findings.push(Finding::ok(Check::Daemon, of_daemon(&engine, &about, candidates.origin())));
            findings.push(Finding::ok(Check::Engine, of_reading(reading(&engine, &about, export_only).await)));
        }
        Err(error) => findings.extend(without(Finding::failed(Check::Daemon, &error))),
    }
    findings
}

fn without(daemon: Finding) -> Vec<Finding> {
    vec![daemon, Finding::skipped(Check::Engine, "no daemon, whose images would be read")]
}

fn of_daemon(engine: &Engine, about: &About, origin: &Origin) -> String {
    let About { name, version, api, .. } = about;
    let api = api.map_or_else(String::new, |api| format!(" (API {api})"));
    let origin = if *origin == Origin::Default { String::new() } else { format!(", given by {origin}") };
    format!("{name} {version}{api} answers at `{}`{origin}", engine.endpoint())
}

fn of_reading(reading: Reading) -> String {
    match reading {
        Reading::Store(kind, directory) => format!("images are read in its store ({kind}), below `{directory}`"),
        Reading::Export(reason) => format!("the daemon exports images, which is slower than its store: {reason}"),
    }
}
