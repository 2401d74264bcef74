//! Systems without directories as handles: each component of a path is examined before the next one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::refused::{Refused, components};

/// A directory to be read, with everything below it.
pub(in crate::source) struct ConfinedDir(PathBuf);

impl ConfinedDir {
    /// The directory of this path, which is trusted: links in it are followed.
    ///
    /// # Errors
    /// The operating system's, or if it is no directory.
    pub(in crate::source) fn open(path: &Path) -> io::Result<Self> {
        match fs::metadata(path)?.is_dir() {
            true => Ok(Self(path.to_owned())),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// A regular file below this one. A path with `..`, a backslash or a drive is refused, and a link on the way too.
    ///
    /// # Errors
    /// The operating system's, and [`Refused`].
    pub(in crate::source) fn file(&self, path: &[u8]) -> io::Result<File> {
        let mut whole = self.0.clone();
        for part in components(path)? {
            let part = std::str::from_utf8(part).map_err(io::Error::other)?;
            if part.contains(['\\', ':']) {
                return Err(Refused::Outside.into());
            }
            whole.push(part);
            if fs::symlink_metadata(&whole)?.is_symlink() {
                return Err(Refused::Link.into());
            }
        }
        open_regular(&whole)
    }
}

/// The file of a path that the user gave: links in it are followed, and what is no regular file is not opened.
///
/// # Errors
/// The operating system's, and [`Refused`].
pub(in crate::source) fn open_regular(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(Refused::Irregular.into()),
    }
}
