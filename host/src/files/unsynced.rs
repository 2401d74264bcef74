//! Small files of the user's own that are not waited for: what they hold is made again, or missed by nobody. A kill
//! leaves the old file or the new one; a power cut may leave neither.

use std::fs::File;
use std::io::{self, Write as _};
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

/// Adds to the end of a file, which is made for its owner alone if it is missing, with its directory. Answers how many
/// bytes the file has then. File systems write a file to the disk when it takes another's place, even if nobody waits;
/// an addition they keep in memory.
///
/// # Errors
/// The operating system's; a part may have been added then.
pub(crate) fn append(path: &Path, bytes: &[u8]) -> io::Result<u64> {
    let mut file = match private::append_to(path) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), private::create_directory)?;
            private::append_to(path)?
        }
        opened => opened?,
    };
    file.write_all(bytes)?;
    Ok(file.metadata()?.len())
}
