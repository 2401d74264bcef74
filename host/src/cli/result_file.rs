//! Files that a command leaves for the next one: whole or not at all, and readable as the user's other files are.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::failure::Failure;
use crate::error::Kind;

/// A file that will be written.
pub(super) struct ResultFile {
    path: PathBuf,
    /// What will take its place; none for a pipe or a device, which is written to as it is.
    temporary: Option<NamedTempFile>,
}

impl ResultFile {
    /// Makes sure, before the work, that it can be written. What is there stays until then.
    pub(super) fn prepare(path: &Path) -> Result<Self, Failure> {
        let place = match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Ok(None),
            // A link stays one.
            Ok(_) => path.canonicalize().map(Some),
            Err(_) => Ok(Some(path.to_owned())),
        };
        let prepared = place.and_then(|place| {
            let temporary = place.as_deref().map(temporary).transpose()?;
            Ok(Self { path: place.unwrap_or_else(|| path.to_owned()), temporary })
        });
        prepared.map_err(|reason| failure(path, &reason))
    }

    /// Writes it.
    pub(super) fn write(self, text: &str) -> Result<(), Failure> {
        let Self { path, temporary } = self;
        let written = match temporary {
            None => fs::write(&path, text),
            Some(mut temporary) => temporary.write_all(text.as_bytes()).and_then(|()| {
                temporary.persist(&path)?;
                Ok(())
            }),
        };
        written.map_err(|reason| failure(&path, &reason))
    }
}

fn temporary(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    // What of this the user's mask leaves.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

fn failure(path: &Path, reason: &io::Error) -> Failure {
    let message = format!("`{}` can't be written: {reason}", path.display());
    Failure::new(Kind::Usage, message, "name a file in a folder that exists and that you may write to")
}
