//! Registries that the user has registered: how they come in, and which of them an image belongs to.
//!
//! Rules that hold for every kind of registry are here; what is special about one kind is its flavor's to say.

mod admit;
mod change;
mod error;
mod open;
mod select;
mod uri;
mod verify;

use std::collections::BTreeMap;

pub(crate) use change::{Change, fitting_connectors, update};
pub(crate) use error::RegistryError;
pub(crate) use open::Opener;
pub(crate) use select::{Target, Wish, select};
pub(crate) use verify::{Check, Outcome, Question, Step, Verification, verify};

use crate::catalog::{Catalog, grantee};
use crate::grant::Grant;
use crate::store::{Name, RegistryRecord, Store};

/// What a user gives to register a registry.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    /// The user's name for it.
    pub(crate) name: Name,
    /// The name of its flavor.
    pub(crate) flavor: String,
    /// Its URI, in any form that the flavor takes.
    pub(crate) uri: String,
    /// Values for the flavor's options.
    pub(crate) options: BTreeMap<String, String>,
    /// What the flavor may reach for this registry, besides what it may for all.
    pub(crate) grants: Vec<Grant>,
    /// The connector that its flavor is to be given.
    pub(crate) connector: Option<Name>,
}

/// Registers a registry once its flavor has accepted its URI and, where it has a connector and there is somebody to open it,
/// that opened it. Gives what was stored, and the flavor's warnings.
///
/// # Errors
/// When the name is taken, the flavor is unknown, the flavor refuses the URI or an option, it can't use the connector, or the
/// registry does not open; nothing is stored then.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
    opener: Option<&Opener<'_>>,
) -> Result<(RegistryRecord, Vec<String>), RegistryError> {
    // Before anybody is asked anything.
    store.registry_is_free(&registration.name)?;
    let (flavor, record) = catalog.get(&registration.flavor).await?;
    let (registry, grants, warnings) = admit::admit(store, catalog, flavor, registration, opener).await?;
    store.add_registry(&registry, grantee(&record), &grants)?;
    Ok((registry, warnings))
}
