//! How Azure Container Registry takes uploads.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Deletion, Failure, Registry, UploadProfile};

use crate::host::{self, Host};

/// Most bytes of a layer, in every tier (Microsoft's "Azure Container Registry SKUs", November 2026).
const LARGEST: u64 = 200 << 30;

/// How a registry takes uploads. Manifests are deleted by digest only (Microsoft's REST reference, "Delete Manifest").
///
/// Referrers are behind the API, but in registries that are encrypted with a key of the customer's: the host finds out.
pub(crate) fn profile(registry: &Registry) -> Result<UploadProfile, Failure> {
    let standard = UploadProfile::standard();
    Ok(match host::parse(RegistryUri::parse(&registry.uri)?.host()) {
        Ok(Host::Acr(_)) => UploadProfile { largest_layer: Some(LARGEST), deletion: Deletion::ByDigest, ..standard },
        // What stands in front of a registry may have limits of its own.
        Ok(Host::OwnCloud | Host::Other) | Err(_) => standard,
    })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::testing::registry;

    use super::*;

    #[test]
    fn a_login_server_has_documented_limits_and_another_host_may_have_others() {
        let contoso = profile(&registry("contoso.azurecr.io/team", &[])).unwrap();
        assert_eq!((contoso.largest_layer, contoso.deletion), (Some(214_748_364_800), Deletion::ByDigest));
        assert_eq!(profile(&registry("localhost:5000", &[])).unwrap(), UploadProfile::standard());
    }
}
