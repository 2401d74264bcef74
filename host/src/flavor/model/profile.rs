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
