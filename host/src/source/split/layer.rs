//! A layer that is pushed in parts.

use super::parts::Part;
use crate::image::Digest;

/// Layers that are split at the same time. Each holds a few MiB.
pub(super) const AT_ONCE: usize = 4;

/// A layer in parts.
pub(super) struct SplitLayer {
    /// The parts, lowest first.
    pub(super) parts: Vec<Part>,
    /// The digest of its first block, and the size of its content: what it is known by where a reader does not tell.
    pub(super) head: (Digest, u64),
}
