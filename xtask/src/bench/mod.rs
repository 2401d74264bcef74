//! `cargo xtask bench`: figures, for people; nothing here passes or fails by time.

mod authors;
mod copy;
mod helper;
mod programs;
mod prune;
mod pull;
mod push;
mod race;
mod sandbox;
mod server;
mod tags;

use clap::Subcommand;

use crate::failure::Result;
use programs::micro;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Subject {
    /// What the sandbox costs
    Sandbox,
    /// How long a push takes, beside every other client that is on PATH
    Push(push::Options),
    /// A plain program that pushes an image, as a bound for clients; `push` runs it
    #[command(hide = true)]
    Floor(push::floor::Options),
    /// How long a push to three registries at once takes, beside one to one registry
    Several(push::several::Options),
    /// How long a pull into an OCI layout takes, beside every other client that is on PATH
    Pull(pull::Options),
    /// How long a copy from one registry to another takes, beside every other client that is on PATH
    Copy(copy::Options),
    /// How long the plan of a clean-up takes, beside the lists of other clients that are on PATH
    Prune(prune::Options),
    /// How long the list of a repository's tags takes, beside every other client that is on PATH
    Tags(tags::Options),
    /// How long a client waits for a credential, beside another credential helper
    Helper(helper::Options),
    /// How long callers of `crhost server` wait for a login that it has, beside a plain server with one query
    Server(server::Options),
    /// What a project of `crhost flavor new` costs in each language
    Authors(authors::Options),
    /// What one core compresses and hashes in a second
    Compression,
}

/// Measures and prints.
pub(crate) fn run(subject: &Subject) -> Result<()> {
    match subject {
        Subject::Sandbox => sandbox::run_all(),
        Subject::Push(options) => push::run_all(options),
        Subject::Floor(options) => push::floor::run(options),
        Subject::Several(options) => push::several::run_all(options),
        Subject::Pull(options) => pull::run_all(options),
        Subject::Copy(options) => copy::run_all(options),
        Subject::Prune(options) => prune::run_all(options),
        Subject::Tags(options) => tags::run_all(options),
        Subject::Helper(options) => helper::run_all(options),
        Subject::Server(options) => server::run_all(options),
        Subject::Authors(options) => authors::run_all(options),
        Subject::Compression => {
            println!("{}", micro("compression")?);
            Ok(())
        }
    }
}
