//! Whether a stored registry still fits a build of its flavor, by what the build says of itself: nothing is sent.

use super::error::RegistryError;
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::store::{Name, RegistryRecord, Store, StoreError};

/// A registry that a build of its flavor does not take as it is stored.
pub(crate) struct Misfit {
    /// The registry.
    pub(crate) registry: Name,
    /// The first reason.
    pub(crate) reason: RegistryError,
}

/// The registered registries that this build of their flavor does not take: a push to each would fail.
///
/// # Errors
/// When the store can't be read.
pub(crate) async fn misfits(store: &Store, flavor: &Flavor) -> Result<Vec<Misfit>, StoreError> {
    let mut misfits = Vec::new();
    for registry in store.registries()? {
        if registry.flavor == flavor.description().name.as_str()
            && let Err(reason) = fits(store, &registry, flavor).await
        {
            misfits.push(Misfit { registry: registry.name, reason });
        }
    }
    Ok(misfits)
}

/// Checks that this build of its flavor takes a registry as it is stored: URI, options and connector.
///
/// # Errors
/// The first reason against it.
pub(crate) async fn fits(store: &Store, registry: &RegistryRecord, flavor: &Flavor) -> Result<(), RegistryError> {
    keeps_uri(registry, flavor).await?;
    options::check(flavor.description(), &registry.options)?;
    connector::method_of(store, registry, flavor.description())?;
    Ok(())
}

/// Has the flavor accept the stored URI again, as it is. Gives the flavor's warnings.
///
/// # Errors
/// When the flavor refuses the URI, or gives it another canonical form.
pub(super) async fn keeps_uri(registry: &RegistryRecord, flavor: &Flavor) -> Result<Vec<String>, RegistryError> {
    let kept = &registry.uri;
    let AcceptedUri { uri, warnings } = flavor.validate_uri(&kept.to_string()).await?;
    if uri == *kept {
        return Ok(warnings);
    }
    let (registry, flavor) = (registry.name.clone(), flavor.description().name.clone());
    Err(RegistryError::OtherUri { registry, flavor, kept: Box::new(kept.clone()), uri: Box::new(uri) })
}
