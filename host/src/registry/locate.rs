//! A whole registry, or one repository of it, as a user types either for a list or a clean-up.

use super::destination::Destination;
use super::error::RegistryError;
use super::mismatch::of_name;
use super::unregistered::Unregistered;
use crate::catalog::Catalog;
use crate::store::{RegistryRecord, Store};

/// A registry, registered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// Whether it is registered, and not only named.
    pub(crate) registered: bool,
}

/// Finds a registry by its name or its URI: the registered one of exactly that URI, or one that is not registered.
///
/// # Errors
/// When there is none of that name, or no flavor accepts the URI.
pub(crate) async fn locate_registry(
    store: &Store,
    catalog: &Catalog<'_>,
    destination: &Destination,
) -> Result<Located, RegistryError> {
    let uri = match destination {
        Destination::Name(name) => {
            let registry = store.registry(name).map_err(|error| of_name(name, error))?;
            return Ok(Located { registry, registered: true });
        }
        Destination::Uri(uri) => uri,
    };
    let given = Unregistered { uri: Some(uri.clone()), ..Unregistered::default() };
    let found = given.find(catalog, None).await?;
    let registries = store.registries()?;
    match registries.into_iter().find(|registry| registry.uri == found.uri) {
        Some(registry) => Ok(Located { registry, registered: true }),
        None => Ok(Located { registry: found, registered: false }),
    }
}
