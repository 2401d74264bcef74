//! `crhost flavor wit`: the contract, for the tools of any language.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::error::Kind;
use crate::files::atomic;
use crate::flavor::{CONTRACTS, ContractText};
use crate::text::{Foreign, printable, quoted};

/// The end of the help.
pub(super) const HELP: &str = "\
Examples:
  crhost flavor wit > world.wit
  crhost flavor wit --directory wit      # a file for each interface

The worlds: `guest` for a flavor, `guest-with-connectors`, `guest-with-cleanup`, `guest-with-id-tokens`, `guest-with-commands` and \
`guest-with-key-wrapping` with its optional interfaces, `policy` for a policy. A component that is built for an earlier release runs on every later crhost of the same 0.x.";

/// The arguments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Write a file for each interface into a directory; one that is there with another content is refused
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Another release of the contract than the newest, such as 0.1.0
    #[arg(long, value_name = "VERSION")]
    contract: Option<String>,
    /// Write in the place of files that are there with another content
    #[arg(long, requires = "directory")]
    force: bool,
}

/// The contract.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Contract {
    /// Its package, with the version.
    name: String,
    /// Its version.
    contract: &'static str,
    /// Its text, as one file.
    wit: String,
    /// The directory that its files were written into.
    directory: Option<String>,
}

/// Runs the command.
pub(super) fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { directory, contract, force } = arguments;
    let contract = match contract {
        None => CONTRACTS.first(),
        Some(version) => Some(release(&version)?),
    };
    let Some(contract) = contract else { return Ok(()) };
    if let Some(directory) = &directory {
        if !force {
            ensure_untouched(contract, directory)?;
        }
        write(contract, directory)?;
    }
    if context.is_json() {
        let directory = directory.map(|directory| directory.display().to_string());
        let (name, wit) = (format!("crhost:flavor@{}", contract.version), contract.as_one_file());
        output::print_json(&Contract { name, contract: contract.version, wit, directory });
    } else if let Some(directory) = directory {
        let (count, version) = (contract.files.len(), contract.version);
        output::say_line(&format!("wrote {count} files of crhost:flavor@{version} to `{}`", directory.display()));
    } else {
        output::print_text(&contract.as_one_file());
    }
    Ok(())
}

/// The release of a version.
fn release(version: &str) -> Result<&'static ContractText, Failure> {
    CONTRACTS.iter().find(|contract| contract.version == version).ok_or_else(|| {
        let message = format!("this crhost has no contract `{}`", printable(version, 80));
        let known = quoted(CONTRACTS.iter().map(|contract| contract.version));
        Failure::new(Kind::NotFound, message, format!("it has {known}"))
    })
}

/// Refuses a directory with files of the release's names that have another content: of another release, or changed.
fn ensure_untouched(contract: &ContractText, directory: &Path) -> Result<(), Failure> {
    let is_other = |(name, text): &&(&str, &str)| {
        let file = directory.join(name);
        // What is no text, or can't be read, is something else, too.
        fs::symlink_metadata(&file).is_ok() && fs::read_to_string(&file).ok().as_deref() != Some(*text)
    };
    let others: Vec<String> =
        contract.files.iter().filter(is_other).map(|(name, _)| directory.join(name).display().to_string()).collect();
    if others.is_empty() {
        return Ok(());
    }
    let message =
        format!("there are files with another content than crhost:flavor@{}: {}", contract.version, quoted(others));
    Err(Failure::new(Kind::Conflict, message, "`--force` writes in their place; `--directory DIR` names another one"))
}

/// Writes the files of a release.
fn write(contract: &ContractText, directory: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, reason: std::io::Error| {
        Failure::general(format!("`{}` can't be written: {}", path.display(), Foreign(reason)))
    };
    fs::create_dir_all(directory).map_err(|reason| failed(directory, reason))?;
    for (name, text) in contract.files {
        let file = directory.join(name);
        atomic::replace(&file, text.as_bytes()).map_err(|reason| failed(&file, reason))?;
    }
    Ok(())
}
