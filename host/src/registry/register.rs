//! Registering a registry.

use super::candidate::Candidate;
use super::error::RegistryError;
use super::registration::Registration;
use crate::catalog::Catalog;
use crate::store::Store;

/// Has a flavor accept a new registry. [`Candidate::store`] registers it.
///
/// # Errors
/// When the name is taken, the flavor is unknown, the flavor refuses the URI or an option, or it can't use the
/// connector.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
) -> Result<Candidate, RegistryError> {
    // Before the flavor runs and the registry is asked: with a taken name, both would be in vain.
    store.registry_is_free(&registration.name)?;
    let flavor = catalog.get(&registration.flavor).await?;
    Candidate::inspect(store, catalog, flavor, registration, None).await
}
