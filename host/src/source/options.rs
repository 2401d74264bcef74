//! What a user asks of a source.

use crate::image::Platform;

/// Which image of a location is meant, and how it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The requested platform; by default, any for a single image, this machine's for an index.
    pub(crate) platform: Option<Platform>,
    /// Whether an index is opened as a whole. Only OCI layouts have one.
    pub(crate) all_platforms: bool,
    /// Whether a daemon's image is read from its export, and never from the daemon's own store.
    pub(crate) export_only: bool,
    /// The most bytes of a layer, where larger ones are split between their files.
    pub(crate) split: Option<u64>,
}
