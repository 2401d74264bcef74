//! Paths that are refused.

use std::io;

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// A component of it is a symbolic link.
    #[error("it is a symbolic link, or behind one")]
    Link,
    /// It has `..`, or is absolute.
    #[error("its path leads out of the directory")]
    Outside,
    /// It is a directory, a pipe, a socket or a device.
    #[error("it is no regular file")]
    Irregular,
    /// It was replaced between its examination and its opening.
    #[error("it was replaced while it was opened")]
    Replaced,
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::other(refused)
    }
}

/// Whether a path was refused because of a symbolic link.
pub(in crate::source) fn is_link(error: &io::Error) -> bool {
    error.get_ref().and_then(|error| error.downcast_ref()) == Some(&Refused::Link)
}

/// The components of a relative path that stays below its start.
pub(super) fn components(path: &[u8]) -> Result<impl Iterator<Item = &[u8]>, Refused> {
    let mut parts = path.split(|byte| *byte == b'/');
    if path.first() == Some(&b'/') || parts.any(|part| part == b"..") {
        return Err(Refused::Outside);
    }
    Ok(path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b"."))
}
