//! `crhost key`.

use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::store::KeyStorage;

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
}

/// Where a key may be kept.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Place {
    /// A file that only you may open
    File,
    /// The operating system's keyring
    Keyring,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    place: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_anew: Option<usize>,
}

pub(super) fn run(context: &Context, command: &Command) -> Result<(), Failure> {
    let store = Context::store()?;
    let sealed_anew = match command {
        Command::Describe => None,
        Command::Rotate { to } => {
            let place = match to {
                Some(Place::File) => KeyStorage::File,
                Some(Place::Keyring) => KeyStorage::Keyring,
                None => store.key_location()?.0,
            };
            Some(store.rotate_key(place)?)
        }
    };
    let (place, at) = store.key_location()?;
    let shown = Shown { place: place.as_str(), at, sealed_anew };
    if context.is_json() {
        output::print_json(&shown);
    } else {
        if let Some(count) = shown.sealed_anew {
            output::say_line(&format!("a new key seals everything; connectors: {count}"));
        }
        output::print_facts(&[("Place", shown.place.to_owned()), ("At", shown.at)]);
    }
    Ok(())
}
