//! Why a flavor is not to be had, or not to be granted something.

use crate::error::{Explain, Kind};
use crate::flavor::{AdmissionError, ReadError};
use crate::grant::HostPattern;
use crate::store::{Name, StoreError};

/// Why a flavor is not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogError {
    /// No flavor of this name.
    #[error("there is no flavor named `{name}`")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// A file that can't be read.
    #[error("`{path}` can't be read: {reason}")]
    Read {
        /// As the user wrote it.
        path: String,
        /// Why.
        reason: ReadError,
    },
    /// A file that is no flavor.
    #[error("`{origin}` is no flavor that crhost can use: {reason}")]
    Admission {
        /// Where the component came from.
        origin: String,
        /// Why.
        reason: AdmissionError,
    },
    /// A name that crhost's own flavors have.
    #[error("`{0}` is the name of a built-in flavor")]
    BuiltIn(String),
    /// A flavor that is part of crhost.
    #[error("`{0}` is a built-in flavor, expected one that was registered")]
    Irremovable(String),
    /// A registry of another flavor.
    #[error("registry `{registry}` is not of flavor `{flavor}`")]
    OtherFlavor {
        /// The registry.
        registry: Name,
        /// The flavor.
        flavor: String,
    },
    /// A host that the flavor may not reach anyway.
    #[error("`{pattern}` is not granted to flavor `{flavor}`")]
    NotGranted {
        /// The flavor.
        flavor: String,
        /// What was to be revoked.
        pattern: HostPattern,
        /// What could be.
        granted: Vec<HostPattern>,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for CatalogError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unknown { .. } => Kind::NotFound,
            Self::Read { reason: ReadError::Io(reason), .. } if reason.kind() == std::io::ErrorKind::NotFound => {
                Kind::NotFound
            }
            Self::Read { reason: ReadError::Io(_), .. } => Kind::General,
            Self::Read { .. } => Kind::Flavor,
            Self::Admission { reason, .. } => reason.kind(),
            Self::NotGranted { .. } => Kind::NotFound,
            Self::OtherFlavor { .. } => Kind::Usage,
            Self::BuiltIn(_) | Self::Irremovable(_) => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { known, .. } => {
                Some(format!("known are {}; `crhost flavor register FILE` adds one", crate::text::quoted(known)))
            }
            Self::Read { reason: ReadError::Admission(reason), .. } => reason.hint(),
            Self::Read { .. } => Some("give the path of a WebAssembly component, a `.wasm` file".to_owned()),
            Self::Admission { reason, .. } => reason.hint(),
            Self::BuiltIn(_) => Some("a flavor chooses its name in `describe`; give it another one there".to_owned()),
            Self::Irremovable(_) => Some("`crhost flavor list` shows where each comes from".to_owned()),
            Self::OtherFlavor { registry, .. } => {
                Some(format!("`crhost registry describe {registry}` shows its flavor"))
            }
            Self::NotGranted { granted, .. } if granted.is_empty() => {
                Some("nothing is granted to it that could be revoked".to_owned())
            }
            Self::NotGranted { granted, .. } => {
                Some(format!("what can be revoked is {}", crate::text::quoted(granted)))
            }
            Self::Store(error) => error.hint(),
        }
    }
}
