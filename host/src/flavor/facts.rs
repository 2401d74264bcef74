//! What can be told of a component without running it.

use crate::image::Digest;

/// What is known of a flavor's component without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComponentFacts {
    /// The version of the contract that it exports.
    pub(crate) contract: semver::Version,
    /// Its digest.
    pub(crate) digest: Digest,
    /// Its size in bytes.
    pub(crate) size: u64,
}
