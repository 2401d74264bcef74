//! Files with a command's result, for other programs: written whole or not at all, with the user's default permissions.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::failure::Failure;
use crate::error::Kind;

/// A file that is to be written.
pub(super) struct ResultFile {
    path: PathBuf,
    /// The file that replaces it; absent for a pipe or a device, which is written directly.
    temporary: Option<NamedTempFile>,
}

impl ResultFile {
    /// Checks, before the work, that it can be written. An existing file stays until then.
    pub(super) fn prepare(path: &Path) -> Result<Self, Failure> {
        let place = match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => Ok(None),
            // A symbolic link stays: the file behind it is replaced.
            Ok(_) => path.canonicalize().map(Some),
            Err(_) => Ok(Some(path.to_owned())),
        };
        let prepared = place.and_then(|place| {
            let temporary = place.as_deref().map(temporary).transpose()?;
            Ok(Self { path: place.unwrap_or_else(|| path.to_owned()), temporary })
        });
        prepared.map_err(|reason| failure(path, &reason))
    }

    /// Writes the text.
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
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    // As for other new files: the umask removes bits of this mode.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

fn failure(path: &Path, reason: &io::Error) -> Failure {
    let message = format!("`{}` can't be written: {reason}", path.display());
    Failure::new(Kind::Usage, message, "name a file in a folder that exists and that you may write to")
}
