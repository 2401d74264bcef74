//! `crhost docker`: has Docker and other clients ask crhost for credentials.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::clients::{self, ClientError, Edited, Program};
use crate::error::Kind;
use crate::store::{RegistryRecord, Store};

/// The commands about other clients.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Have Docker, Podman and other clients ask crhost for the credentials of registries, and of no other host
    Install(InstallArguments),
    /// Undo `install`: what was there for these hosts before comes back
    Uninstall {
        /// The registries, by name, host or URI; without any, all hosts that ask crhost
        #[arg(value_name = "REGISTRY")]
        registries: Vec<String>,
        /// The file that `install` edited, if not Docker's `config.json`
        #[arg(long, value_name = "FILE")]
        authfile: Option<PathBuf>,
    },
    /// Answer as `docker-credential-crhost` does: the protocol of credential helpers on standard input and output
    CredentialHelper {
        /// `get`, `store`, `erase`, `list` or `version`
        action: String,
    },
}

/// What is to ask crhost, and where that is written.
#[derive(Debug, Args)]
pub(super) struct InstallArguments {
    /// The registries, by name, host or URI; without any, all that are registered
    #[arg(value_name = "REGISTRY")]
    registries: Vec<String>,
    /// Where `docker-credential-crhost` is made; without it, beside crhost or in `~/.local/bin`
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// The file to edit, such as Podman's `auth.json`; without it, Docker's `config.json`, which Podman reads, too
    #[arg(long, value_name = "FILE")]
    authfile: Option<PathBuf>,
    /// Show what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
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
    /// Whether nothing was changed, as that was only asked about.
    dry_run: bool,
    /// The helper's program; absent for `uninstall`.
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<ShownProgram>,
    /// The links to the program that `uninstall` removed; absent for `install`.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<Vec<String>>,
}

/// A host in the file.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Host {
    /// Its key in the file.
    key: String,
    /// The helper that was there before; absent where there was none, and for `uninstall`.
    before: Option<Value>,
    /// Whether the file was changed for it, or would be.
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
    /// Whether it was made, or would be.
    made: bool,
}

/// Runs a command about other clients, apart from the helper itself.
pub(super) fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Install(arguments) => install(context, arguments),
        Command::Uninstall { registries, authfile } => uninstall(context, &registries, authfile),
        // Not reached: it is answered before any thread starts.
        Command::CredentialHelper { .. } => Ok(()),
    }
}

fn install(context: &Context, arguments: InstallArguments) -> Result<(), Failure> {
    let InstallArguments { registries: names, directory, authfile, dry_run } = arguments;
    let store = context.store()?;
    let registries = chosen(&store, &names)?;
    if registries.is_empty() {
        let hint = "register one with `crhost registry register NAME --flavor FLAVOR --uri URI`";
        return Err(Failure::new(Kind::Usage, "no registries, for which clients could ask crhost", hint));
    }
    let file = context.client_file(authfile)?;
    let mut edited = clients::preview(&file, &registries)?;
    let programs = clients::find_program(&context.environment, directory.as_deref())?;
    let made = programs.first().is_some_and(Program::is_new);
    let program = if dry_run {
        programs.into_iter().next()
    } else {
        // First, as clients fail where the file names a helper that is not there.
        let program = clients::place_program(&store, programs)?;
        edited = clients::install(&store, &file, &registries)?;
        Some(program)
    };
    if context.is_json() {
        let shown = |program: Program| ShownProgram {
            path: program.path.display().to_string(),
            on_path: program.is_on_path,
            made,
        };
        let (file, program) = (file.path().display().to_string(), program.map(shown));
        output::print_json(&Helpers { file, hosts: hosts(edited), dry_run, program, removed: None });
        return Ok(());
    }
    show(&edited, dry_run.then(|| file.path()));
    if let Some(program) = program {
        let path = program.path.display();
        if made && dry_run {
            output::say_line(&format!("`{path}` would be made, a link to this program"));
        }
        if !program.is_on_path {
            output::say("warning", &format!("clients don't find `{path}`: its directory is not on the PATH"));
            output::say("hint", "add its directory to the PATH, or name one that is there with `--directory`");
        }
    }
    for host in clients::ambiguous(&registries, &store.registries()?, store.current_registry()?.as_ref()) {
        output::say(
            "warning",
            &format!("`{host}` has registries with several accounts, and most clients send no path"),
        );
        output::say("hint", "`crhost registry use NAME` says whose credentials they get");
    }
    Ok(())
}

/// Tells what was changed, or would be in a file.
fn show(edited: &[Edited], would: Option<&Path>) {
    for host in edited {
        let asks = match (host.changed, would) {
            (false, _) => "already ask",
            (true, None) => "now ask",
            (true, Some(_)) => "would ask",
        };
        let instead = host.before.as_ref().filter(|_| host.changed);
        let instead = instead.map_or_else(String::new, |before| format!(", instead of the helper {before}"));
        output::say_line(&format!("clients {asks} crhost for the credentials of `{}`{instead}", host.key));
    }
    if let Some(file) = would.filter(|_| edited.iter().any(|host| host.changed)) {
        output::say_line(&format!("`credHelpers` in `{}` would be changed; nothing was", file.display()));
    }
}

fn uninstall(context: &Context, names: &[String], authfile: Option<PathBuf>) -> Result<(), Failure> {
    let store = context.store()?;
    let registries = if names.is_empty() { None } else { Some(chosen(&store, names)?) };
    let file = context.client_file(authfile)?;
    let edited = clients::uninstall(&store, &file, registries.as_deref())?;
    let removed = clients::remove_program(&store, clients::asks_crhost(&file)?)?;
    let removed: Vec<String> = removed.iter().map(|path| path.display().to_string()).collect();
    if context.is_json() {
        let (file, removed) = (file.path().display().to_string(), Some(removed));
        output::print_json(&Helpers { file, hosts: hosts(edited), dry_run: false, program: None, removed });
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
    for link in removed {
        output::say_line(&format!("the link `{link}` is removed"));
    }
    Ok(())
}

/// The registries of these names, or all.
fn chosen(store: &Store, names: &[String]) -> Result<Vec<RegistryRecord>, Failure> {
    match names {
        [] => Ok(store.registries()?),
        names => Ok(names
            .iter()
            .map(|name| Ok(clients::named(store, name)?.registry))
            .collect::<Result<_, ClientError>>()?),
    }
}

fn hosts(edited: Vec<Edited>) -> Vec<Host> {
    let before = |json: Option<String>| json.and_then(|json| serde_json::from_str(&json).ok());
    edited.into_iter().map(|host| Host { key: host.key, before: before(host.before), changed: host.changed }).collect()
}
