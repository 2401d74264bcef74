//! What a daemon says of itself, as values.

use std::path::PathBuf;

use super::api::ApiVersion;
use crate::text::Escaped;

/// What a daemon says of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// Its program, such as `Docker` or `Podman`.
    pub(crate) name: Escaped,
    /// Its version.
    pub(crate) version: Escaped,
    /// The newest version of its API.
    pub(crate) api: Option<ApiVersion>,
    /// Its storage driver, such as `overlay2` or `overlayfs`.
    pub(crate) driver: Option<Escaped>,
    /// Its data directory, on its own machine.
    pub(crate) root: Option<PathBuf>,
}
