//! What can go wrong with what crhost keeps.

use std::io;
use std::path::PathBuf;

use super::Name;
use crate::error::{Explain, Kind};
use crate::text::quoted;

/// A failure of the store; what was there before is still there.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A folder or file can't be used.
    #[error("`{}` can't be used: {reason}", .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The operating system's reason.
        reason: io::Error,
    },
    /// The database refused.
    #[error("the store failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A newer crhost has been here.
    #[error("the store has version {found}, this crhost reads version {known}")]
    Newer {
        /// The version on disk.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Something in the store is not what was put there.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A flavor of this name and other bytes is registered.
    #[error("a flavor named `{0}` is registered already, with other bytes")]
    FlavorTaken(String),
    /// A registry of this name is registered.
    #[error("a registry named `{0}` is registered already")]
    RegistryTaken(Name),
    /// A flavor that registries still use.
    #[error("flavor `{flavor}` is used by {}", quoted(.registries))]
    FlavorInUse {
        /// The flavor.
        flavor: String,
        /// Its registries.
        registries: Vec<Name>,
    },
    /// No such registry.
    #[error("there is no registry named `{name}`")]
    NoRegistry {
        /// What was asked for.
        name: Name,
        /// Those that exist.
        known: Vec<Name>,
    },
}

impl Explain for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::FlavorTaken(_) | Self::RegistryTaken(_) | Self::FlavorInUse { .. } => Kind::Conflict,
            Self::NoRegistry { .. } => Kind::NotFound,
            _ => Kind::General,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::FlavorTaken(name) => {
                format!(
                    "`--replace` puts the new component in its place; `crhost flavor describe {name}` shows the old one"
                )
            }
            Self::RegistryTaken(name) => {
                format!("choose another name, or remove it first: `crhost registry remove {name}`")
            }
            Self::FlavorInUse { .. } => "remove these registries first: `crhost registry remove NAME`".to_owned(),
            Self::NoRegistry { known, .. } if known.is_empty() => {
                "register one: `crhost registry register NAME --flavor FLAVOR --uri URI`".to_owned()
            }
            Self::NoRegistry { known, .. } => format!("registered are {}", quoted(known)),
            Self::Newer { .. } => "update crhost, or use another CRHOST_HOME".to_owned(),
            Self::Damaged(_) => "remove what it names and register it again".to_owned(),
            Self::File { .. } => "CRHOST_HOME moves everything that crhost keeps to another folder".to_owned(),
            Self::Database(_) => return None,
        })
    }
}
