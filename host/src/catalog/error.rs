//! Why a flavor can't be used, registered, removed or granted a host.

use std::io;

use super::origin::remote_name;
use super::record::maker;
use crate::error::{Explain, Kind};
use crate::flavor::{AdmissionError, Maker, ReadError};
use crate::grant::HostPattern;
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Printable, nearest, quoted};

/// A failure of the catalog.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum CatalogError {
    /// No flavor has this name.
    #[error("there is no flavor named `{name}`")]
    Unknown {
        /// The name that was given.
        name: Escaped,
        /// The names of all flavors.
        known: Vec<Escaped>,
    },
    /// The file can't be read.
    #[error("`{path}` can't be read: {reason}")]
    Read {
        /// The path, as the user wrote it.
        path: Escaped,
        /// The reason.
        reason: ReadError,
    },
    /// The component is no flavor.
    #[error("`{origin}` is no flavor that crhost can use: {reason}")]
    Admission {
        /// The origin of the component.
        origin: Escaped,
        /// The reason.
        reason: AdmissionError,
    },
    /// The component is a flavor that breaks what the contract promises.
    #[error("`{origin}` breaks what the contract promises: {broken}{}", more(*.others))]
    Promises {
        /// The origin of the component.
        origin: Escaped,
        /// The first of the broken promises, in words.
        broken: Escaped,
        /// How many more there are.
        others: usize,
    },
    /// The name of a built-in flavor can't be registered.
    #[error("`{0}` is the name of a built-in flavor, and no other can be registered by it")]
    BuiltIn(Escaped),
    /// Other bytes of the version that is registered.
    #[error("flavor `{name}` {registered} is registered already, with other bytes")]
    SameVersion {
        /// Its name.
        name: Escaped,
        /// The version of both.
        registered: Escaped,
    },
    /// An earlier version than the one that is registered.
    #[error("flavor `{name}` is registered in version {registered}, and this is {given}, which is older")]
    Older {
        /// Its name.
        name: Escaped,
        /// The registered version.
        registered: Escaped,
        /// The version that was given.
        given: Escaped,
    },
    /// No flavor has been replaced by the registered one.
    #[error("flavor `{name}` {version} has taken the place of no other")]
    NoPrevious {
        /// Its name.
        name: Escaped,
        /// Its version.
        version: Escaped,
    },
    /// A built-in flavor can't be removed.
    #[error("`{0}` is a built-in flavor, expected one that was registered")]
    Irremovable(Escaped),
    /// The registry has another flavor.
    #[error("registry `{registry}` is not of flavor `{flavor}`")]
    OtherFlavor {
        /// The registry.
        registry: Name,
        /// The flavor that was given.
        flavor: Escaped,
    },
    /// The pattern to revoke is not granted.
    #[error("`{pattern}` is not granted to flavor `{flavor}`")]
    NotGranted {
        /// The flavor.
        flavor: Escaped,
        /// The pattern.
        pattern: HostPattern,
        /// The patterns that are granted.
        granted: Vec<HostPattern>,
    },
    /// The store can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The number of broken promises beside the first, in words.
fn more(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

/// By hand: the kind of [`CatalogError::Read`] depends on its reason, which the derive does not offer.
impl Explain for CatalogError {
    fn kind(&self) -> Kind {
        match self {
            Self::Read { reason: ReadError::Io(reason), .. } if reason.0.kind() == io::ErrorKind::NotFound => {
                Kind::NotFound
            }
            Self::Read { reason: ReadError::Io(_), .. } => Kind::General,
            Self::Read { .. } | Self::Promises { .. } => Kind::Flavor,
            Self::Admission { reason, .. } => reason.kind(),
            Self::Unknown { .. } | Self::NotGranted { .. } | Self::NoPrevious { .. } => Kind::NotFound,
            Self::OtherFlavor { .. } => Kind::Usage,
            Self::BuiltIn(_) | Self::Irremovable(_) | Self::SameVersion { .. } | Self::Older { .. } => Kind::Conflict,
            Self::Store(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Unknown { name, known } => Some(match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`? `crhost flavor list` shows all").into(),
                None => format!("flavors: {}; `crhost flavor register FILE` adds one", quoted(known)).into(),
            }),
            Self::Read { path, reason } => Some(reason.hint(path)),
            Self::Admission { origin, reason } => match remote_name(origin.as_str()) {
                Some(_) => Some(reason.hint_of_artifact()),
                None => reason.hint_for(maker(origin)),
            },
            Self::Promises { origin, .. } => Some(match maker(origin) {
                Maker::User => format!("`crhost flavor test {origin}` shows every rule that it breaks, and why").into(),
                _ => "report it to the flavor's author, with what `crhost flavor test FILE` shows".into(),
            }),
            Self::BuiltIn(_) => Some("a flavor chooses its name in `describe`; give it another one there".into()),
            Self::SameVersion { name, .. } => Some(
                format!(
                    "raise its version; `--force` (or `--replace`) puts these bytes in its place all the same, \
                     `crhost flavor describe {name}` shows the registered one"
                )
                .into(),
            ),
            Self::Older { name, .. } => Some(
                format!(
                    "`--force` (or `--replace`) takes it all the same; `crhost flavor rollback {name}` brings back \
                     what was registered before"
                )
                .into(),
            ),
            Self::NoPrevious { name, .. } => {
                Some(format!("`crhost flavor describe {name}` shows what is registered").into())
            }
            Self::Irremovable(_) => Some("`crhost flavor list` shows where each comes from".into()),
            Self::OtherFlavor { registry, .. } => {
                Some(format!("`crhost registry describe {registry}` shows its flavor").into())
            }
            Self::NotGranted { granted, .. } if granted.is_empty() => {
                Some("nothing is granted to it that could be revoked".into())
            }
            Self::NotGranted { granted, .. } => Some(format!("granted: {}", quoted(granted)).into()),
            Self::Store(error) => error.hint(),
        }
    }
}
