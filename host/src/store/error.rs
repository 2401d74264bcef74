//! What can go wrong with what crhost keeps.

use std::io;
use std::path::PathBuf;

use super::Name;
use crate::error::{Explain, Kind};
use crate::text::quoted;

/// A failure of the store; what was there before is still there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
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
    /// A registry that someone else changed since it was read.
    #[error("registry `{0}` was changed at the same time by somebody else")]
    RegistryChanged(Name),
    /// A flavor that registries still use.
    #[error("flavor `{flavor}` is used by {}", quoted(.registries))]
    FlavorInUse {
        /// The flavor.
        flavor: String,
        /// Its registries.
        registries: Vec<Name>,
    },
    /// A connector of this name is registered.
    #[error("a connector named `{0}` is registered already")]
    ConnectorTaken(Name),
    /// A connector that someone else changed since it was read.
    #[error("connector `{0}` was changed at the same time by somebody else")]
    ConnectorChanged(Name),
    /// A connector that registries still use.
    #[error("connector `{connector}` is used by {}", quoted(.registries))]
    ConnectorInUse {
        /// The connector.
        connector: Name,
        /// Its registries.
        registries: Vec<Name>,
    },
    /// No such connector.
    #[error("there is no connector named `{name}`")]
    NoConnector {
        /// What was asked for.
        name: Name,
        /// Those that exist.
        known: Vec<Name>,
    },
    /// The key of stored secrets is gone.
    #[error("`{}`, which opens the connectors, is missing", .0.display())]
    NoKey(PathBuf),
    /// The operating system's keyring.
    #[error("the keyring can't be used: {0}")]
    Keyring(String),
    /// The key of stored secrets is not the user's alone.
    #[error("the key `{}` can't be trusted: {reason}", .path.display())]
    Key {
        /// Its file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// No random numbers, or far too much to seal.
    #[error("connector `{0}` can't be sealed")]
    Sealing(Name),
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
            Self::FlavorTaken(_) | Self::RegistryTaken(_) | Self::ConnectorTaken(_) => Kind::Conflict,
            Self::RegistryChanged(_) | Self::FlavorInUse { .. } | Self::ConnectorInUse { .. } => Kind::Conflict,
            Self::ConnectorChanged(_) => Kind::Conflict,
            Self::NoRegistry { .. } | Self::NoConnector { .. } => Kind::NotFound,
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
            Self::RegistryChanged(name) => format!("`crhost registry describe {name}` shows it as it is; try again"),
            Self::ConnectorTaken(name) => {
                format!("choose another name, or remove it first: `crhost connector remove {name}`")
            }
            Self::ConnectorChanged(name) => {
                format!("`crhost connector describe {name}` shows it as it is; try again")
            }
            Self::FlavorInUse { .. } => "remove these registries first: `crhost registry remove NAME`".to_owned(),
            Self::ConnectorInUse { .. } => {
                "take it from these registries first: `crhost registry disconnect NAME`".to_owned()
            }
            Self::NoConnector { known, .. } if known.is_empty() => {
                "register one: `crhost connector register NAME --type TYPE`".to_owned()
            }
            Self::NoConnector { known, .. } => format!("registered are {}", quoted(known)),
            Self::NoKey(_) => "put it back from a backup, or remove the connectors and register them again".to_owned(),
            Self::Keyring(_) => {
                "unlock it and try again where it is; then `crhost key rotate --to file` keeps the key in a file"
                    .to_owned()
            }
            Self::Key { path, .. } => format!(
                "make it a file that only you may open (`chmod 600 {}`), or remove it and the connectors and register \
                 them again",
                path.display()
            ),
            Self::NoRegistry { known, .. } if known.is_empty() => {
                "register one: `crhost registry register NAME --flavor FLAVOR --uri URI`".to_owned()
            }
            Self::NoRegistry { known, .. } => format!("registered are {}", quoted(known)),
            Self::Newer { .. } => "update crhost, or use another CRHOST_HOME".to_owned(),
            Self::Damaged(_) => "remove what it names and register it again".to_owned(),
            Self::File { .. } => "CRHOST_HOME moves everything that crhost keeps to another folder".to_owned(),
            Self::Database(_) | Self::Sealing(_) => return None,
        })
    }
}
