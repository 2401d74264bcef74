//! What is found out about a registry before it is stored, new or changed.

use super::error::RegistryError;
use super::open::Opener;
use super::{Registration, uri};
use crate::access::{self, Access};
use crate::catalog::Catalog;
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::grant::Grant;
use crate::store::{RegistryRecord, Store};

/// Has the flavor accept a registry, and where there is somebody to open it and it has a connector, has that open it.
/// Gives what is to be stored, with its grants, and the flavor's warnings.
pub(super) async fn admit(
    store: &Store,
    catalog: &Catalog<'_>,
    flavor: Flavor,
    registration: Registration,
    opener: Option<&Opener<'_>>,
) -> Result<(RegistryRecord, Vec<Grant>, Vec<String>), RegistryError> {
    let Registration { name, flavor: flavor_name, uri, options, grants, connector } = registration;
    options::check(flavor.description(), &options)?;
    let accepted = flavor.validate_uri(&uri).await;
    catalog.record_usage(&flavor);
    let AcceptedUri { uri: canonical, mut warnings } = accepted?;
    warnings.extend(uri::compare(&uri, &canonical, &flavor.description().name)?);
    let registry = RegistryRecord { name, flavor: flavor_name, uri: canonical, options, connector };
    connector::fits(store, &registry, flavor.description())?;
    if let (Some(_), Some(opener)) = (&registry.connector, opener) {
        // Opened as for a push, so that what would fail there fails here.
        let connector = connector::of(store, &registry, flavor.description())?;
        let view = access::registry_view(&registry, &flavor, grants.clone());
        let access = Access::of(opener.means(store, catalog), flavor, view, connector);
        warnings.extend(opener.prove(&registry, &access).await?);
    }
    Ok((registry, grants, warnings))
}
