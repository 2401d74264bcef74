//! Registering a registry.

use super::candidate::{Candidate, Place};
use super::error::RegistryError;
use super::registration::Registration;
use crate::catalog::Catalog;
use crate::store::{IfTaken, Store, StoreError};

/// Has a flavor accept a new registry. [`Candidate::store`] registers it.
///
/// # Errors
/// When the name is taken and that is refused, the flavor is unknown, the flavor refuses the URI or an option, or it
/// can't use the connector.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
    if_taken: IfTaken,
) -> Result<Candidate, RegistryError> {
    let is_taken = store.has_registry(&registration.name)?;
    if is_taken && if_taken == IfTaken::Refuse {
        // Before the flavor runs and the registry is asked: with a taken name, both would be in vain.
        return Err(StoreError::RegistryRegistered(registration.name).into());
    }
    let flavor = catalog.get(&registration.flavor).await?;
    Candidate::inspect(store, catalog, flavor, registration, Place::New { if_taken, is_taken }).await
}
