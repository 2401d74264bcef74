//! `crhost auth`: whose credentials open which registry, until when, and the credentials themselves for scripts.

mod status;
mod token;

use clap::Subcommand;

use super::context::Context;
use super::failure::Failure;
use crate::access::{AccessContext, RegistryLogin};
use crate::catalog::Catalog;
use crate::clients;
use crate::credential::Credential;
use crate::docker::Configuration;
use crate::store::{RegistryRecord, Store};

#[cfg(test)]
pub(super) use status::List;
#[cfg(test)]
pub(super) use token::Shown as Token;

/// The commands about credentials of registries.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show for each registry who you are there, since and until when, and whether it accepts that
    Status(status::Arguments),
    /// Print the password or token of a registry, for scripts
    Token(token::Arguments),
}

/// Runs a command about credentials.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Status(arguments) => status::run(context, arguments).await,
        Command::Token(arguments) => token::run(context, arguments).await,
    }
}

/// New credentials of a registry.
pub(super) async fn given_by_flavor(
    context: &Context,
    store: &Store,
    registry: &RegistryRecord,
) -> Result<RegistryLogin, Failure> {
    let (runtime, docker) = (context.runtime()?, Configuration::load(&context.environment));
    let catalog = Catalog::new(&runtime, store);
    let access = AccessContext { store, catalog: &catalog, docker: &docker, environment: &context.environment };
    Ok(clients::ask(access, registry).await?)
}

/// Whose credentials these are; absent for a token, which names nobody, and where there are none.
pub(super) fn username(credential: &Credential) -> Option<String> {
    match credential {
        Credential::Basic { username, .. } if !username.is_empty() => Some(username.clone()),
        _ => None,
    }
}
