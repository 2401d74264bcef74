//! `crhost docker`: has Docker and other clients ask crhost for credentials.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::clients::{self, Edited};
use crate::docker::ClientFile;
use crate::error::Kind;
use crate::store::{Name, RegistryRecord, Store};

/// The commands about other clients.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Have Docker, Podman and other clients ask crhost for the credentials of registries, and of no other host
    Install {
        /// The registries; without any, all that are registered
        #[arg(value_name = "REGISTRY")]
        registries: Vec<Name>,
        /// Where `docker-credential-crhost` is made; without it, beside crhost or in `~/.local/bin`
        #[arg(long, value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// Undo `install`: what was there for these hosts before comes back
    Uninstall {
        /// The registries; without any, all hosts that ask crhost
        #[arg(value_name = "REGISTRY")]
        registries: Vec<Name>,
    },
    /// Answer as `docker-credential-crhost` does: the protocol of credential helpers on standard input and output
    CredentialHelper {
        /// `get`, `store`, `erase`, `list` or `version`
        action: String,
    },
}

/// The hosts that ask crhost, or no longer do.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Helpers {
    /// The file that was edited.
    file: String,
    /// The hosts, as the file names them.
    hosts: Vec<Host>,
    /// The helper's program; absent for `uninstall`.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<ShownProgram>,
}

/// A host in the file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Host {
    /// Its key in the file.
    key: String,
    /// Whether the file was changed for it.
    changed: bool,
}

/// The helper's program.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ShownProgram {
    /// Its path.
    path: String,
    /// Whether it is on the `PATH`, where clients look for it.
    on_path: bool,
}

/// Runs a command about other clients, apart from the helper itself.
pub(super) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Install { registries, directory } => install(context, &registries, directory.as_deref()),
        Command::Uninstall { registries } => uninstall(context, &registries),
        // Not reached: it is answered before any thread starts.
        Command::CredentialHelper { .. } => Ok(()),
    }
}

fn install(context: &Context, names: &[Name], directory: Option<&Path>) -> Result<(), Failure> {
    let store = context.store()?;
    let registries = chosen(&store, names)?;
    if registries.is_empty() {
        let hint = "register one with `crhost registry register NAME --flavor FLAVOR --uri URI`";
        return Err(Failure::new(Kind::Usage, "no registries, for which clients could ask crhost", hint));
    }
    let file = ClientFile::of_docker(&context.environment)?;
    // First, as clients fail where the file names a helper that is not there.
    let program = clients::place(&context.environment, directory)?;
    let edited = clients::install(&store, &file, &registries)?;
    let path = program.path.display().to_string();
    if context.is_json() {
        let program = Some(ShownProgram { path, on_path: program.is_on_path });
        output::print_json(&Helpers { file: file.path().display().to_string(), hosts: hosts(edited), program });
        return Ok(());
    }
    for host in edited {
        let asks = if host.changed { "now ask" } else { "already ask" };
        output::say_line(&format!("clients {asks} crhost for the credentials of `{}`", host.key));
    }
    if !program.is_on_path {
        output::say("warning", &format!("clients don't find `{path}`: its directory is not on the PATH"));
        output::say("hint", "add its directory to the PATH, or name one that is there with `--directory`");
    }
    Ok(())
}

fn uninstall(context: &Context, names: &[Name]) -> Result<(), Failure> {
    let store = context.store()?;
    let registries = if names.is_empty() { None } else { Some(chosen(&store, names)?) };
    let file = ClientFile::of_docker(&context.environment)?;
    let edited = clients::uninstall(&store, &file, registries.as_deref())?;
    if context.is_json() {
        output::print_json(&Helpers { file: file.path().display().to_string(), hosts: hosts(edited), program: None });
        return Ok(());
    }
    if edited.is_empty() {
        output::say_line("no client asks crhost for credentials of these hosts");
    }
    for Edited { key, kept_foreign, .. } in edited {
        match kept_foreign {
            true => output::say("warning", &format!("`{key}` was changed since, and is left as it is")),
            false => output::say_line(&format!("clients no longer ask crhost for the credentials of `{key}`")),
        }
    }
    Ok(())
}

/// The registries of these names, or all.
fn chosen(store: &Store, names: &[Name]) -> Result<Vec<RegistryRecord>, Failure> {
    match names {
        [] => Ok(store.registries()?),
        names => Ok(names.iter().map(|name| store.registry(name)).collect::<Result<_, _>>()?),
    }
}

fn hosts(edited: Vec<Edited>) -> Vec<Host> {
    edited.into_iter().map(|Edited { key, changed, .. }| Host { key, changed }).collect()
}
