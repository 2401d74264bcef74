//! Small files of the user's own that are not waited for: what they hold is made again, or missed by nobody. A kill
//! leaves the old file or the new one; a power cut may leave neither.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{atomic, private};
use crate::bounded;

/// The bytes of a file, at most so many; none of a file that can't be read or is larger.
#[must_use]
pub(crate) fn read(path: &Path, most: usize) -> Vec<u8> {
    File::open(path).ok().and_then(|file| bounded::read(file, most).ok()).unwrap_or_default()
}

/// Replaces a file, for its owner alone, and makes its directory if that is missing.
///
/// # Errors
/// The operating system's; the old file stays then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        private::create_directory(directory)?;
    }
    atomic::replace_unsynced(path, bytes)
}
