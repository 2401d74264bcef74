//! What is found out about a registry before it is stored, new or changed.

use super::error::RegistryError;
use super::open::Opener;
use super::{Registration, options, seen, uri};
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor};
use crate::grant::Grant;
use crate::store::{RegistryRecord, Store};

/// Has the flavor accept a registry, and where there is somebody to open it and it has a connector, has that open it.
/// Gives what is to be stored, with its grants, and the flavor's warnings.
pub(super) async fn admit(
    store: &Store,
    flavor: &Flavor,
    registration: Registration,
    opener: Option<&Opener<'_>>,
) -> Result<(RegistryRecord, Vec<Grant>, Vec<String>), RegistryError> {
    let description = flavor.description();
    let Registration { name, flavor: flavor_name, uri, options, grants, connector } = registration;
    options::check(description, &options)?;
    let AcceptedUri { uri: canonical, mut warnings } = flavor.validate_uri(&uri).await?;
    warnings.extend(uri::compare(&uri, &canonical, &description.name)?);
    let registry = RegistryRecord { name, flavor: flavor_name, uri: canonical, options, connector };
    // Opened as for a push, so that what would fail there fails here.
    let connector = connector::of(store, &registry, description)?;
    if let (Some(connector), Some(opener)) = (&connector, opener) {
        let view = seen(&registry, flavor, grants.clone());
        opener.prove(flavor, &view, connector).await?;
    }
    Ok((registry, grants, warnings))
}
