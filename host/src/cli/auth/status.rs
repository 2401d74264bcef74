//! `crhost auth status`.

use clap::Args;
use futures_util::future::join_all;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::given::username;
use crate::catalog::Catalog;
use crate::clients::{self, Named};
use crate::distribution::{Client, ClientOptions};
use crate::docker::Configuration;
use crate::error::{Explain as _, Kind};
use crate::image::Reference;
use crate::registry::{self, Authenticator, RegistryError, Standing};
use crate::text::{Escaped, Moment};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The registries, by name, host or URI; without any, all that are registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<String>,
    /// Find out whether you may push to REPOSITORY below it: an upload is opened and given up at once
    ///
    /// Without REPOSITORY it is the one that you typed behind the registry's URI, else the one of the last push there.
    #[arg(long, value_name = "REPOSITORY", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    push: Option<String>,
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
    /// Whether the registry accepts them; true for one that asks nobody, and absent where it could not be asked.
    accepted: Option<bool>,
    /// Whether an upload could be opened; absent where that was not tried.
    push: Option<bool>,
    /// The repository that an upload was opened in, with its host; absent where that was not asked for.
    repository: Option<String>,
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
    let all = |registry| Named { registry, repository: None };
    let registries: Vec<Named> = match names.as_slice() {
        [] => store.registries()?.into_iter().map(all).collect(),
        names => names.iter().map(|name| clients::named(&store, name)).collect::<Result<_, _>>()?,
    };
    let image = |Named { registry, repository }: &Named| -> Result<Option<Reference>, RegistryError> {
        let name = push.as_deref().map(|name| Some(name).filter(|name| !name.is_empty()));
        name.map(|name| registry::image_to_push(&store, registry, name, repository.as_ref())).transpose()
    };
    let images: Vec<_> = registries.iter().map(image).collect::<Result<_, _>>()?;
    let (runtime, environment) = (context.runtime()?, &context.environment);
    let catalog = Catalog::new(&runtime, &store);
    let client = Client::new(ClientOptions::new(context.certificate_directories()))?;
    let docker = Configuration::load(environment);
    let authenticator = Authenticator { client: &client, docker: &docker, environment };
    let (mut shown, mut failure) = (Vec::new(), None);
    // All at once: one that does not answer holds up no other.
    let asked = registries.iter().zip(&images).map(|(Named { registry, .. }, image)| {
        registry::standing(&store, &catalog, &authenticator, registry, image.as_ref())
    });
    let standings = join_all(asked).await;
    for ((Named { registry, .. }, image), standing) in registries.into_iter().zip(images).zip(standings) {
        let Standing { login, whose, accepted, push, failure: failed } = standing;
        let is_unknown = failed.as_ref().is_some_and(|failed| failed.kind() == Kind::Network);
        shown.push(Status {
            registry: registry.name.to_string(),
            uri: registry.uri.to_string(),
            username: login.as_ref().and_then(|login| username(&login.credential)),
            source: whose,
            since: login.as_ref().and_then(|login| login.given_at).map(|time| Moment(time).to_string()),
            until: login.as_ref().and_then(|login| login.expires_at).map(|time| Moment(time).to_string()),
            accepted: Some(accepted).filter(|accepted| *accepted || !is_unknown),
            push,
            repository: image.map(|image| image.name()),
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
            let shown = |answer| match answer {
                Some(true) => "yes".to_owned(),
                Some(false) => "no".to_owned(),
                None => nothing(),
            };
            let user = status.username.or_else(|| status.source.map(|source| source.to_string()));
            vec![
                status.registry,
                user.unwrap_or_else(nothing),
                status.since.unwrap_or_else(nothing),
                status.until.unwrap_or_else(nothing),
                shown(status.accepted),
                shown(status.push),
            ]
        };
        // The first is the command's failure.
        for Status { registry, problem, .. } in shown.iter().filter(|status| status.problem.is_some()).skip(1) {
            output::say("warning", &format!("{registry}: {}", problem.as_ref().map_or("", Escaped::as_str)));
        }
        output::print_table(&["REGISTRY", "USER", "SINCE", "UNTIL", "ACCEPTED", "PUSH"], shown.into_iter().map(row));
    }
    failure.map_or(Ok(()), Err)
}
