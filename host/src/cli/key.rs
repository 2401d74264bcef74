//! `crhost key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::error::Explain as _;
use crate::store::{KeyStorage, OldWrapping, Store, StoreError, Wrapping};
use crate::text::Moment;

/// The commands about the key.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say where the key is
    Describe,
    /// Make a new key, seal everything with it, and remove the old one
    Rotate {
        /// Where the new key is kept; without it, where the old one is
        #[arg(long, value_name = "PLACE")]
        to: Option<Place>,
    },
    /// Wrap the key of a shared database by another key
    ///
    /// Servers that run go on; what starts from then on names the new key. With `--add`, the old one opens the database
    /// as well, until `--remove` takes it away: servers start with either in between. Nothing is sealed again; `crhost
    /// key rotate` does that.
    Rewrap(Rewrapped),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true, id = "change", args = ["file", "remove"])]
pub(super) struct Rewrapped {
    /// The new key: a file of 32 bytes that only you may read, or one in TOML that names the key of a service
    #[arg(value_name = "FILE", conflicts_with = "remove")]
    file: Option<PathBuf>,

    /// Keep the old key beside the new one
    #[arg(long, conflicts_with = "remove", requires = "file")]
    add: bool,

    /// Take a key away, by its name in `crhost key describe`
    #[arg(long, value_name = "NAME")]
    remove: Option<String>,
}

/// The places for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    /// A file that only you may open
    File,
    /// The operating system's keyring
    Keyring,
    /// A service, which a file names
    #[value(skip)]
    Service,
}

/// The key that seals stored credentials.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    /// Where it is kept.
    place: Place,
    /// The path of its file, or its entry of the keyring.
    at: String,
    /// Whether it exists; the first connector makes it.
    exists: bool,
    /// Why it can't be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The number of connectors that were sealed with a new key.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_anew: Option<usize>,
    /// The keys that wrap the key of a shared database: each of them opens it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wrapped_by: Vec<ShownWrapping>,
}

/// A key that wraps the key of a shared database.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ShownWrapping {
    /// Its name.
    name: String,
    /// Where it is kept: `file`, or a service's own name for it.
    kept_by: String,
    /// Since when it wraps it (RFC 3339).
    since: String,
    /// Whether this command has it.
    here: bool,
}

impl From<Wrapping> for ShownWrapping {
    fn from(Wrapping { name, kept_by, since, is_own }: Wrapping) -> Self {
        let since = Moment(u64::try_from(since).unwrap_or_default()).to_string();
        Self { name, kept_by, since, here: is_own }
    }
}

/// Runs a command about the key.
pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    let store = context.store()?;
    let sealed_anew = match command {
        Command::Describe => None,
        Command::Rewrap(Rewrapped { file, add, remove }) => {
            let at = match (file, remove) {
                (Some(file), _) => {
                    store.rewrap_key(file.clone(), if *add { OldWrapping::Kept } else { OldWrapping::Removed })?;
                    file.display().to_string()
                }
                (None, remove) => {
                    store.remove_wrapping(remove.as_deref().unwrap_or_default())?;
                    store.key_location()?.1
                }
            };
            let wrapped_by = wrapped_by(&store)?;
            let place = if at.ends_with(".toml") { Place::Service } else { Place::File };
            let shown = Shown { place, at, exists: true, problem: None, sealed_anew: None, wrapped_by };
            return show(context, shown);
        }
        Command::Rotate { to } => {
            let place = match to {
                Some(Place::File | Place::Service) => KeyStorage::File,
                Some(Place::Keyring) => KeyStorage::Keyring,
                None => store.key_location()?.0,
            };
            Some(store.rotate_key(place)?)
        }
    };
    let (storage, at) = store.key_location()?;
    let place = match storage {
        _ if store.is_key_of_service() => Place::Service,
        KeyStorage::File => Place::File,
        KeyStorage::Keyring => Place::Keyring,
    };
    let (exists, problem) = match store.has_key() {
        Ok(exists) => (exists, None),
        Err(reason) => {
            let problem = reason.to_string();
            output::say("warning", &problem);
            reason.hint().iter().for_each(|hint| output::say("hint", hint));
            (!matches!(reason, StoreError::NoKey(_)), Some(problem))
        }
    };
    let wrapped_by = wrapped_by(&store)?;
    show(context, Shown { place, at, exists, problem, sealed_anew, wrapped_by })
}

fn wrapped_by(store: &Store) -> Result<Vec<ShownWrapping>, Failure> {
    Ok(store.wrappings()?.into_iter().map(ShownWrapping::from).collect())
}

fn show(context: &Context, shown: Shown) -> Result<(), Failure> {
    if context.is_json() {
        output::print_json(&shown);
    } else {
        if let Some(count) = shown.sealed_anew {
            output::say_line(&format!("a new key seals everything; connectors: {count}"));
        }
        let state = match (shown.exists, &shown.problem) {
            (_, Some(_)) => "can't be used",
            (true, None) => "in use",
            (false, None) => "not there yet; the first connector makes it",
        };
        let place = match shown.place {
            Place::File => KeyStorage::File.as_str(),
            Place::Keyring => KeyStorage::Keyring.as_str(),
            Place::Service => "service",
        };
        output::print_facts(&[("Place", place.to_owned()), ("At", shown.at), ("State", state.to_owned())]);
        if !shown.wrapped_by.is_empty() {
            let row = |wrapping: &ShownWrapping| {
                let here = if wrapping.here { "here" } else { "" };
                vec![wrapping.name.clone(), wrapping.kept_by.clone(), wrapping.since.clone(), here.to_owned()]
            };
            output::print_table(&["WRAPPED BY", "KEPT BY", "SINCE", ""], shown.wrapped_by.iter().map(row));
        }
    }
    Ok(())
}
