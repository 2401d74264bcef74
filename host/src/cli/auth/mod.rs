//! `crhost auth`: whose credentials open which registry, until when, and the credentials themselves for scripts.

mod given;
mod status;
mod token;

use clap::Subcommand;

use super::context::Context;
use super::failure::Failure;

pub(super) use given::{accepted, given_by_flavor, username, warn_if_over};

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
