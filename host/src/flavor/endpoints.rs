//! Whether a flavor may reach the hosts that a registry's options name.

use super::handle::Flavor;
use super::model::{AuthMethod, ConnectorView, RegistryView};
use super::reach::Reach;
use crate::egress::ClosedEndpoint;

impl Flavor {
    /// The options of a registry that name a host which the flavor would be refused, with a connector of this method.
    #[must_use]
    pub(crate) fn closed_endpoints(&self, registry: &RegistryView, method: Option<&AuthMethod>) -> Vec<ClosedEndpoint> {
        let connector = method.map(|method| ConnectorView {
            connector_type: method.connector_type.to_string(),
            method: method.name.to_string(),
            fields: Vec::new(),
            uses: method.uses(),
        });
        self.registry_policy(registry, connector.as_ref(), Reach::Described).closed_endpoints()
    }
}
