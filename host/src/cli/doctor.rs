//! `crhost doctor`.

use clap::Args;
use serde::Serialize;

use super::boolean;
use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::doctor::{self, Configured, Finding, Patient, State};
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::registry::Destination;
use crate::store::Store;
use crate::text::quoted;

/// The help behind the options.
pub(super) const HELP: &str = "\
Nothing is changed or made, and no secret is shown. The exit code is 0 where nothing is a problem, whatever the \
warnings say, and otherwise that of the first problem's kind.

Examples:
  crhost doctor
  crhost doctor prod --push
  crhost doctor ghcr.io/acme
  crhost doctor -o json";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The registries, each by its name, or by its URI whether it is registered or not; without any, all that are
    /// registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<Destination>,
    /// Find out whether you may push there: an upload is opened and given up at once
    #[arg(long)]
    push: bool,
}

/// All findings.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Report {
    /// What each check found: those of the machine, then those of each registry.
    findings: Vec<Finding>,
}

/// Shows all findings; the first problem is the command's failure.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { registries, push } = arguments;
    let environment = &context.environment;
    let (home, runtime) = (context.home_if_any(), context.runtime_as_it_is()?);
    let options =
        ClientOptions { idle_timeout: doctor::IDLE_TIMEOUT, ..ClientOptions::new(context.certificate_directories()) };
    let (client, docker) = (Client::new(options)?, Configuration::load(environment));
    let patient = Patient {
        environment,
        home: home.as_ref(),
        docker: &docker,
        runtime: &runtime,
        client: &client,
        export_only: environment
            .text(EnvVars::CRHOST_DAEMON_EXPORT)
            .is_some_and(|text| boolean::parse(&text) == Ok(true)),
        push,
    };
    let configured = match (&context.config, environment.text(EnvVars::CRHOST_SERVER)) {
        // What this machine has registered is not used then.
        (None, Some(_)) if registries.is_empty() => Some(Configured { store: Store::in_memory()?, is_whole: true }),
        // Why the server does not tell them is a finding of its own.
        (None, Some(_)) => Some(match context.store() {
            Ok(store) => Configured { store, is_whole: true },
            Err(_) => Configured { store: Store::in_memory()?, is_whole: false },
        }),
        (None, None) => None,
        (Some(_), _) => Some(Configured { store: context.store()?, is_whole: true }),
    };
    let findings = doctor::examine(&patient, &registries, configured).await?;
    let failure = failure(&findings);
    if context.is_json() {
        output::print_json(&Report { findings });
    } else {
        let row = |finding: Finding| {
            let Finding { check, registry, state, found, next, .. } = finding;
            // Below what was found, where there is room for both.
            let found = next.map_or_else(|| found.to_string(), |next| format!("{found}\n-> {next}"));
            let registry = registry.map(String::from).unwrap_or_default();
            vec![check.as_str().to_owned(), registry, state.as_str().to_owned(), found]
        };
        output::print_table(&["CHECK", "REGISTRY", "STATE", "FOUND"], findings.into_iter().map(row));
    }
    failure.map_or(Ok(()), Err)
}

/// The failure of all problems: of the first one's kind, with its next step.
fn failure(findings: &[Finding]) -> Option<Failure> {
    let problems: Vec<&Finding> = findings.iter().filter(|finding| finding.state == State::Problem).collect();
    let first = problems.first()?;
    let mut checks: Vec<&str> = problems.iter().map(|finding| finding.check.as_str()).collect();
    checks.dedup();
    let message = match problems.len() {
        1 => format!("1 problem: {}", quoted(checks)),
        many => format!("{many} problems: {}", quoted(checks)),
    };
    let next = first.next.clone().unwrap_or_else(|| "`-vv` tells more".into());
    Some(Failure::new(first.code.unwrap_or(Kind::General), message, next))
}
