//! What a flavor knows about its registry's protocol.

/// How a registry takes uploads of blobs, and what else the host would have to find out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadProfile {
    /// The most bytes of one request, where blobs are uploaded in chunks; otherwise a blob is one request.
    pub(crate) chunk: Option<u64>,
    /// Whether blobs can be mounted from other repositories of the host.
    pub(crate) mount: bool,
    /// Whether layers compressed with zstd are accepted.
    pub(crate) zstd: bool,
    /// The most bytes of one request's body; larger blobs are uploaded in chunks.
    pub(crate) largest_request: Option<u64>,
    /// The most bytes of one layer.
    pub(crate) largest_layer: Option<u64>,
    /// Whether the registry says rightly how much of an upload has arrived.
    pub(crate) range: bool,
    /// Where the list of a manifest's referrers is.
    pub(crate) referrers: Referrers,
    /// How manifests are deleted.
    pub(crate) deletion: Deletion,
}

/// Where a registry keeps the list of a manifest's referrers (OCI distribution 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Referrers {
    /// The flavor does not know.
    Unknown,
    /// Behind the referrers API.
    Api,
    /// Under the tag that the specification falls back to.
    Tag,
}

/// How manifests are deleted at a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// The flavor does not know.
    Unknown,
    /// Not over the registry's own protocol.
    Unsupported,
    /// By digest.
    ByDigest,
    /// By tag or by digest.
    ByTag,
}

impl UploadProfile {
    /// The most bytes of one request, if the registry limits them in either way.
    #[must_use]
    pub(crate) fn request_bytes(&self) -> Option<u64> {
        self.chunk.into_iter().chain(self.largest_request).min()
    }

    /// Whether the registry takes a layer of this size in bytes, as far as the flavor knows.
    #[must_use]
    pub(crate) fn takes_layer(&self, size: u64) -> bool {
        self.largest_layer.is_none_or(|largest| size <= largest)
    }
}

#[cfg(test)]
impl UploadProfile {
    /// A profile that says nothing special.
    pub(crate) const fn example() -> Self {
        Self {
            chunk: None,
            mount: true,
            zstd: true,
            largest_request: None,
            largest_layer: None,
            range: true,
            referrers: Referrers::Unknown,
            deletion: Deletion::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: UploadProfile = UploadProfile::example();

    #[test]
    fn a_request_has_the_lower_of_two_limits() {
        for (chunk, largest_request, bytes) in
            [(None, None, None), (Some(5), None, Some(5)), (None, Some(7), Some(7)), (Some(5), Some(3), Some(3))]
        {
            assert_eq!(UploadProfile { chunk, largest_request, ..PROFILE }.request_bytes(), bytes);
        }
    }

    #[test]
    fn a_layer_may_be_as_large_as_the_registry_takes_it() {
        assert!(PROFILE.takes_layer(u64::MAX));
        let limited = UploadProfile { largest_layer: Some(10), ..PROFILE };
        assert!(limited.takes_layer(10) && !limited.takes_layer(11));
    }
}
