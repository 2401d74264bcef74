//! `crhost auth status`.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::moment::Moment;
use super::super::output;
use super::given::username;
use crate::catalog::Catalog;
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::registry::{self, Authenticator, Standing};
use crate::store::{Name, RegistryRecord};
use crate::text::Escaped;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registries; without any, all that are registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<Name>,
    /// Find out whether you may push there: an upload is opened and given up at once
    #[arg(long)]
    push: bool,
}

/// The credentials of one registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Status {
    /// The registry's name.
    registry: String,
    /// The registry's URI.
    uri: String,
    /// The user name; absent for a token, and where there are no credentials.
    username: Option<String>,
    /// Whose credentials they are and where they are from, in words.
    source: Option<Escaped>,
    /// When they were given, as RFC 3339 has it; absent where that is not known.
    since: Option<String>,
    /// When they end, as RFC 3339 has it; absent where no end is known.
    until: Option<String>,
    /// Whether the registry accepts them; true for one that asks nobody.
    accepted: bool,
    /// Whether an upload could be opened; absent where that was not tried.
    push: Option<bool>,
    /// What is wrong, in one line.
    problem: Option<Escaped>,
}

/// The credentials of registries.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List {
    /// In the order of their names.
    registries: Vec<Status>,
}

/// Shows all of them; the first that failed is the command's failure.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { registries: names, push } = arguments;
    let store = context.store()?;
    let registries: Vec<RegistryRecord> = match names.as_slice() {
        [] => store.registries()?,
        names => names.iter().map(|name| store.registry(name)).collect::<Result<_, _>>()?,
    };
    let (runtime, environment) = (context.runtime()?, &context.environment);
    let catalog = Catalog::new(&runtime, &store);
    let client = Client::new(ClientOptions::new(context.certificate_directories()))?;
    let docker = Configuration::load(environment);
    let authenticator = Authenticator { client: &client, docker: &docker, environment };
    let (mut shown, mut failure) = (Vec::new(), None);
    for registry in registries {
        let standing = registry::standing(&store, &catalog, &authenticator, &registry, push).await;
        let Standing { login, whose, accepted, push, failure: failed } = standing;
        shown.push(Status {
            registry: registry.name.to_string(),
            uri: registry.uri.to_string(),
            username: login.as_ref().and_then(|login| username(&login.credential)),
            source: whose,
            since: login.as_ref().and_then(|login| login.given_at).map(|time| Moment(time).to_string()),
            until: login.as_ref().and_then(|login| login.expires_at).map(|time| Moment(time).to_string()),
            accepted,
            push,
            problem: failed.as_ref().map(Escaped::of),
        });
        failure = failure.or_else(|| failed.map(Failure::from));
    }
    if context.is_json() {
        output::print_json(&List { registries: shown });
    } else if shown.is_empty() {
        output::say_line("no registries; `crhost registry register` adds one");
    } else {
        let nothing = || "-".to_owned();
        let row = |status: Status| {
            let push = match status.push {
                Some(true) => "yes",
                Some(false) => "no",
                None => "-",
            };
            let accepted = if status.accepted { "yes" } else { "no" };
            let user = status.username.or_else(|| status.source.map(|source| source.to_string()));
            vec![
                status.registry,
                user.unwrap_or_else(nothing),
                status.since.unwrap_or_else(nothing),
                status.until.unwrap_or_else(nothing),
                accepted.to_owned(),
                push.to_owned(),
            ]
        };
        output::print_table(&["REGISTRY", "USER", "SINCE", "UNTIL", "ACCEPTED", "PUSH"], shown.into_iter().map(row));
    }
    failure.map_or(Ok(()), Err)
}
