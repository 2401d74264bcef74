//! Registering a registry.

use super::admit::admit;
use super::authenticator::Authenticator;
use super::error::RegistryError;
use super::registration::Registration;
use crate::catalog::{Catalog, grantee};
use crate::store::{RegistryRecord, Store};

/// Registers a registry once its flavor has accepted its URI and, if it has a connector and there is an authenticator,
/// the connector's credentials opened it. Returns the stored record and the flavor's warnings.
///
/// # Errors
/// When the name is taken, the flavor is unknown, the flavor refuses the URI or an option, it can't use the connector,
/// or the registry does not open; nothing is stored then.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
    authenticator: Option<&Authenticator<'_>>,
) -> Result<(RegistryRecord, Vec<String>), RegistryError> {
    // Before the flavor runs and the registry is asked: with a taken name, both would be in vain.
    store.registry_is_free(&registration.name)?;
    let (flavor, record) = catalog.get(&registration.flavor).await?;
    let (registry, grants, warnings) = admit(store, catalog, flavor, registration, authenticator).await?;
    store.add_registry(&registry, grantee(&record), &grants)?;
    Ok((registry, warnings))
}
