//! `crhost kubernetes`: credentials for clusters, and crhost itself in them.

mod annotation;
mod asker;
mod credential_provider;
mod deliver;
mod provider_check;
mod provider_config;
mod pull_secret;
mod remarks;
mod render;
mod watch;

use std::ffi::OsString;
use std::path::Path;

use clap::Subcommand;

use super::context::Context;
use super::failure::Failure;
use crate::kubernetes::PROGRAM;

#[cfg(test)]
pub(super) use deliver::Applied;
#[cfg(test)]
pub(super) use provider_check::Checked;

pub(super) use credential_provider::run as answer;

/// The commands about clusters.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a Secret with which a cluster pulls images of registries, or keep one in a cluster
    PullSecret(pull_secret::Arguments),
    /// Answer the kubelet, which asks for the credentials of an image, and print its configuration for that
    CredentialProvider(credential_provider::Arguments),
    /// Print the manifests that run a command of crhost in a cluster: once, on a schedule, in parts, or as a server
    Render(Box<render::Arguments>),
}

impl Command {
    /// Whether it ends itself at a signal, as a service does.
    pub(super) fn is_service(&self) -> bool {
        matches!(self, Self::PullSecret(arguments) if arguments.watch)
    }
}

/// Runs a command about clusters. `parse` reads the words of one that is to run there.
pub(super) async fn run(context: &Context, command: Command, parse: render::Parse) -> Result<(), Failure> {
    match command {
        Command::Render(arguments) => render::run(context, *arguments, parse),
        Command::PullSecret(arguments) => pull_secret::run(context, arguments).await,
        Command::CredentialProvider(arguments) => match arguments.command {
            Some(credential_provider::Below::Config(arguments)) => provider_config::run(context, arguments),
            Some(credential_provider::Below::Check(arguments)) => provider_check::run(context, arguments),
            // Not reached: it is answered before any thread starts.
            None => Ok(()),
        },
    }
}

/// The words of the command line, where the program was started by the name of the kubelet's provider.
pub(super) fn as_called(words: Vec<OsString>) -> Vec<OsString> {
    let is_provider = words.first().and_then(|word| Path::new(word).file_stem()).is_some_and(|stem| stem == PROGRAM);
    // A configuration may name both, the file and the words.
    if !is_provider || words.get(1).is_some_and(|word| word == "kubernetes") {
        return words;
    }
    let (program, rest) = words.split_at(words.len().min(1));
    let inserted = ["kubernetes", "credential-provider"].map(OsString::from);
    program.iter().cloned().chain(inserted).chain(rest.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_provider_stands_for_its_words() {
        for (called, words) in [
            (
                "/opt/bin/crhost-credential-provider",
                "/opt/bin/crhost-credential-provider kubernetes credential-provider",
            ),
            (
                "crhost-credential-provider --token-file=X",
                "crhost-credential-provider kubernetes credential-provider --token-file=X",
            ),
            (
                "crhost-credential-provider kubernetes credential-provider",
                "crhost-credential-provider kubernetes credential-provider",
            ),
            ("crhost push x", "crhost push x"),
            ("", ""),
        ] {
            let split = |line: &str| line.split_whitespace().map(OsString::from).collect::<Vec<_>>();
            assert_eq!(as_called(split(called)), split(words));
        }
    }
}
