//! Whether the hosts that a registry's options name are granted to its flavor: found when the registry is registered or
//! examined, and not first at a push.

use super::error::RegistryError;
use super::ungranted::Ungranted;
use crate::connector;
use crate::egress::ClosedEndpoint;
use crate::flavor::{Flavor, RegistryView};
use crate::grant::Grant;
use crate::store::{RegistryRecord, Store};

/// The options of a registry, as the user set them, that name hosts which its flavor may not reach; `grants` are those
/// for this registry.
///
/// # Errors
/// When the flavor can't use the registry's connector.
pub(crate) fn ungranted(
    store: &Store,
    registry: &RegistryRecord,
    flavor: &Flavor,
    grants: &[Grant],
) -> Result<Vec<Ungranted>, RegistryError> {
    let description = flavor.description();
    let method = connector::method_of(store, registry, description)?;
    // Without the defaults: those are hosts of the flavor's own, which the user grants or not with the flavor.
    let options = registry.options.clone().into_iter().collect();
    let (name, uri) = (registry.name.to_string(), registry.uri.clone());
    let view = RegistryView { name, uri, options, grants: grants.to_vec() };
    let ungranted = |ClosedEndpoint { name: option, origin, secrets }| {
        let (registry, flavor) = (registry.name.clone(), description.name.clone());
        Ungranted { registry, flavor, option, origin, secrets }
    };
    Ok(flavor.closed_endpoints(&view, method).into_iter().map(ungranted).collect())
}
