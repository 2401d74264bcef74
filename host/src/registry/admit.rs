//! The checks of a registry before it is stored, new or changed.

use super::authenticator::Authenticator;
use super::error::RegistryError;
use super::registration::Registration;
use super::uri;
use crate::access::{self, Access};
use crate::catalog::Catalog;
use crate::connector;
use crate::flavor::{AcceptedUri, Flavor, options};
use crate::grant::Grant;
use crate::store::{RegistryRecord, Store};

/// Has the flavor accept a registry and, if it has a connector and there is an authenticator, proves that the connector
/// opens it. Returns the record to store, its grants, and the flavor's warnings.
pub(super) async fn admit(
    store: &Store,
    catalog: &Catalog<'_>,
    flavor: Flavor,
    registration: Registration,
    authenticator: Option<&Authenticator<'_>>,
) -> Result<(RegistryRecord, Vec<Grant>, Vec<String>), RegistryError> {
    let Registration { name, flavor: flavor_name, uri, options, grants, connector } = registration;
    options::check(flavor.description(), &options)?;
    let accepted = flavor.validate_uri(&uri).await;
    catalog.record_usage(&flavor);
    let AcceptedUri { uri: canonical, mut warnings } = accepted?;
    warnings.extend(uri::compare(&uri, &canonical, &flavor.description().name)?);
    let registry = RegistryRecord { name, flavor: flavor_name, uri: canonical, options, connector };
    connector::fits(store, &registry, flavor.description())?;
    if let (Some(_), Some(authenticator)) = (&registry.connector, authenticator) {
        // The same path as for a push, so that a failure of a push shows here.
        let connector = connector::of_registry(store, &registry, flavor.description(), authenticator.environment)?;
        let view = access::registry_view(&registry, &flavor, grants.clone());
        let access = Access::of(authenticator.access_context(store, catalog), flavor, view, connector);
        warnings.extend(authenticator.prove(&registry, &access).await?);
    }
    Ok((registry, grants, warnings))
}
