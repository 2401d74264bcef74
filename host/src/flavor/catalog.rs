//! Every flavor that can be named: those that crhost brings along, and those that the user registered.

use std::path::Path;

use super::builtin::BUILTIN;
use super::error::AdmissionError;
use super::{Flavor, FlavorName, ReadError, Runtime, admission};
use crate::error::{Explain, Kind};
use crate::store::{Added, FlavorRecord, Store, StoreError};

/// Where built-in flavors come from, as it is shown.
pub const BUILT_IN: &str = "built-in";

/// The flavors of one user.
pub struct Catalog<'a> {
    runtime: &'a Runtime,
    store: &'a Store,
}

/// Why a flavor is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
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
    /// A flavor that does not know its own name any more.
    #[error("flavor `{registered}` now calls itself `{now}`, expected the name that it was registered under")]
    Renamed {
        /// What it was registered under.
        registered: String,
        /// What it says.
        now: FlavorName,
    },
    /// A flavor that is part of crhost.
    #[error("`{0}` is a built-in flavor, expected one that was registered")]
    Irremovable(String),
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
            Self::Read { .. } | Self::Renamed { .. } => Kind::Flavor,
            Self::Admission { reason, .. } => reason.kind(),
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
            Self::Renamed { registered, .. } => {
                Some(format!("it must not change; `crhost flavor remove {registered}`, and report it to its author"))
            }
            Self::Irremovable(_) => Some("`crhost flavor list` shows where each comes from".to_owned()),
            Self::Store(error) => error.hint(),
        }
    }
}

impl<'a> Catalog<'a> {
    /// The flavors that `store` has, and the built-in ones.
    #[must_use]
    pub fn new(runtime: &'a Runtime, store: &'a Store) -> Self {
        Self { runtime, store }
    }

    /// All flavors, the built-in ones first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn list(&self) -> Result<Vec<FlavorRecord>, CatalogError> {
        let mut flavors = Vec::new();
        for (name, component) in BUILTIN {
            flavors.push(record(&self.admit(name, component).await?, BUILT_IN));
        }
        flavors.extend(self.store.flavors()?);
        Ok(flavors)
    }

    /// The flavor of a name, ready to be called, and where it came from.
    ///
    /// # Errors
    /// When there is none, or its component can no longer be used.
    pub async fn get(&self, name: &str) -> Result<(Flavor, FlavorRecord), CatalogError> {
        if let Some((_, component)) = BUILTIN.iter().find(|(built_in, _)| *built_in == name) {
            let flavor = self.admit(name, component).await?;
            let record = record(&flavor, BUILT_IN);
            return Ok((flavor, record));
        }
        let Some(record) = self.store.flavor(name)? else { return Err(self.unknown(name)?) };
        let flavor = self.admit(&record.origin, &self.store.component(&record)?).await?;
        let now = &flavor.description().name;
        if now.as_str() != record.name {
            return Err(CatalogError::Renamed { registered: record.name, now: now.clone() });
        }
        Ok((flavor, record))
    }

    /// Registers the component in a file, and gives it ready to be called. Nothing is kept of a file that is not admitted.
    ///
    /// # Errors
    /// When it is no flavor, or its name is taken.
    pub async fn register(&self, file: &Path, replace: bool) -> Result<(Flavor, FlavorRecord, Added), CatalogError> {
        let origin = file.display().to_string();
        let component = admission::read(file).map_err(|reason| CatalogError::Read { path: origin.clone(), reason })?;
        let flavor = self.admit(&origin, &component).await?;
        // Where it came from is still true when the user has gone elsewhere.
        let absolute = std::path::absolute(file).map_or(origin, |path| path.display().to_string());
        let record = record(&flavor, &absolute);
        if is_built_in(&record.name) {
            return Err(CatalogError::BuiltIn(record.name));
        }
        let added = self.store.add_flavor(&record, &component, replace)?;
        Ok((flavor, record, added))
    }

    /// Forgets a registered flavor.
    ///
    /// # Errors
    /// When there is none, or registries use it, or it is built in.
    pub fn remove(&self, name: &str) -> Result<(), CatalogError> {
        if is_built_in(name) {
            return Err(CatalogError::Irremovable(name.to_owned()));
        }
        if self.store.remove_flavor(name)? { Ok(()) } else { Err(self.unknown(name)?) }
    }

    /// The error for a name that no flavor has.
    fn unknown(&self, name: &str) -> Result<CatalogError, StoreError> {
        let built_in = BUILTIN.iter().map(|(name, _)| (*name).to_owned());
        let known = built_in.chain(self.store.flavors()?.into_iter().map(|flavor| flavor.name)).collect();
        Ok(CatalogError::Unknown { name: crate::text::printable(name, 80), known })
    }

    async fn admit(&self, origin: &str, component: &[u8]) -> Result<Flavor, CatalogError> {
        let refused = |reason| CatalogError::Admission { origin: crate::text::printable(origin, 200), reason };
        self.runtime.admit(component).await.map_err(refused)
    }
}

fn is_built_in(name: &str) -> bool {
    BUILTIN.iter().any(|(built_in, _)| *built_in == name)
}

fn record(flavor: &Flavor, origin: &str) -> FlavorRecord {
    let description = flavor.description();
    FlavorRecord {
        name: description.name.to_string(),
        version: description.version.to_string(),
        contract: flavor.contract().to_string(),
        summary: description.summary.clone(),
        digest: flavor.digest().clone(),
        size: flavor.size(),
        origin: origin.to_owned(),
    }
}
