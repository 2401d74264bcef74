//! What a daemon says of itself, as values.

use std::fmt;
use std::path::PathBuf;

use crate::text::{Escaped, Printable};

/// A version of the daemon's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Printable)]
pub(crate) struct ApiVersion {
    /// Before the dot.
    pub(super) major: u32,
    /// After the dot.
    pub(super) minor: u32,
}

/// What a daemon says of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// Its program, such as `Docker` or `Podman Engine`.
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

impl ApiVersion {
    /// `1.41`; `None` for another text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
