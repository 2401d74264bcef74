//! How ECR takes uploads.

use crhost_flavor::uri::RegistryUri;
use crhost_flavor::{Failure, Registry, UploadProfile};

use crate::host::{self, Host};

/// Bytes of a MiB.
const MIB: u64 = 1 << 20;
/// Most bytes of a layer in a private registry (AWS's "Amazon ECR service quotas", November 2026).
const LARGEST: u64 = 52_000 * MIB;
/// Most bytes of a layer in ECR Public (AWS's "Amazon ECR Public service quotas", November 2026).
const LARGEST_PUBLIC: u64 = 10_000 * MIB;

/// How a registry takes uploads.
///
/// One request per blob, and an interrupted one begins anew: the `Range` of an upload's status stays at the end of the
/// first chunk, whatever has arrived since (aws/containers-roadmap#2831). Blobs are mounted only where an account
/// enables it.
pub(crate) fn profile(registry: &Registry) -> Result<UploadProfile, Failure> {
    let uri = RegistryUri::parse(&registry.uri)?;
    let largest_layer = match host::parse(uri.host()) {
        Ok(Host::Private(_)) => Some(LARGEST),
        Ok(Host::Public) => Some(LARGEST_PUBLIC),
        // What stands in front of ECR may take less, and what is not ECR may take more.
        Ok(Host::LocalStack(_) | Host::Other) | Err(_) => None,
    };
    Ok(UploadProfile { mount: false, range: false, largest_layer, ..UploadProfile::standard() })
}

#[cfg(test)]
mod tests {
    use crhost_flavor::Upload;
    use crhost_flavor::testing::registry;

    use super::*;

    #[test]
    fn a_blob_goes_in_one_request_whose_range_is_not_believed() {
        for (uri, largest) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com/team", Some(54_525_952_000)),
            ("public.ecr.aws/acme", Some(10_485_760_000)),
            ("localhost:5000", None),
        ] {
            let profile = profile(&registry(uri, &[])).unwrap();
            assert_eq!((profile.upload, profile.mount, profile.zstd), (Upload::Monolithic, false, true));
            assert_eq!((profile.range, profile.largest_layer), (false, largest), "{uri}");
        }
    }
}
