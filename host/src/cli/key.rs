//! `crhost key`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::error::Explain as _;
use crate::store::{KeyStorage, StoreError};

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
    /// Wrap the key of a shared database by the key of another file
    ///
    /// From then on, servers and machines that name the old file open no secret: start them with the new one.
    Rewrap {
        /// The file with the new key: 32 bytes that only you may read
        file: PathBuf,
    },
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
}

/// Runs a command about the key.
pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    let store = context.store()?;
    let sealed_anew = match command {
        Command::Describe => None,
        Command::Rewrap { file } => {
            store.rewrap_key(file.clone())?;
            let at = file.display().to_string();
            return show(context, Shown { place: Place::File, at, exists: true, problem: None, sealed_anew: None });
        }
        Command::Rotate { to } => {
            let place = match to {
                Some(Place::File) => KeyStorage::File,
                Some(Place::Keyring) => KeyStorage::Keyring,
                None => store.key_location()?.0,
            };
            Some(store.rotate_key(place)?)
        }
    };
    let (storage, at) = store.key_location()?;
    let place = match storage {
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
    show(context, Shown { place, at, exists, problem, sealed_anew })
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
            Place::File => KeyStorage::File,
            Place::Keyring => KeyStorage::Keyring,
        };
        output::print_facts(&[("Place", place.as_str().to_owned()), ("At", shown.at), ("State", state.to_owned())]);
    }
    Ok(())
}
