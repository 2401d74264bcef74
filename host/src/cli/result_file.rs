//! Files with a command's result, for other programs: written whole or not at all, with the user's default permissions.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::error::Kind;
use crate::files::atomic::{Access, Pending};

/// A file that is to be written.
pub(super) enum ResultFile {
    /// A file of its own, at this path, which another one will replace.
    File(PathBuf, Pending),
    /// A pipe or a device, which is written to as it is.
    Stream(PathBuf),
}

impl ResultFile {
    /// Checks, before the work, that it can be written. An existing file stays until then.
    pub(super) fn prepare(path: &Path) -> Result<Self, Failure> {
        let target = match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => return Ok(Self::Stream(path.to_owned())),
            // A symbolic link stays: the file behind it is replaced.
            Ok(_) => path.canonicalize(),
            Err(_) => Ok(path.to_owned()),
        };
        let pending = target.and_then(|target| Pending::beside(&target, Access::Umask));
        let pending = pending.map_err(|reason| failure(path, &reason))?;
        Ok(Self::File(path.to_owned(), pending))
    }

    /// Writes the text.
    pub(super) fn write(self, text: &str) -> Result<(), Failure> {
        let (path, written) = match self {
            Self::File(path, pending) => (path, pending.replace(text.as_bytes())),
            Self::Stream(path) => {
                let written = fs::write(&path, text);
                (path, written)
            }
        };
        written.map_err(|reason| failure(&path, &reason))
    }
}

fn failure(path: &Path, reason: &io::Error) -> Failure {
    let message = format!("`{}` can't be written: {reason}", path.display());
    Failure::new(Kind::Usage, message, "name a file in a folder that exists and that you may write to")
}
