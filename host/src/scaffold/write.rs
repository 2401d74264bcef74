//! A directory with files, which is there whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::error::ScaffoldError;
use super::sources::ProjectFile;
use crate::text::Escaped;

/// Writes files into a new directory.
///
/// # Errors
/// When it exists, has no parent, or can't be written; nothing of it is left then.
pub(super) fn whole(directory: &Path, files: &[ProjectFile]) -> Result<(), Box<ScaffoldError>> {
    // This claims the name: of two processes one makes the directory.
    fs::create_dir(directory).map_err(|reason| match reason.kind() {
        ErrorKind::AlreadyExists => ScaffoldError::Exists(shown(directory)),
        ErrorKind::NotFound => ScaffoldError::NoParent(shown(directory.parent().unwrap_or(directory))),
        _ => ScaffoldError::Write { path: shown(directory), reason: reason.into() },
    })?;
    files.iter().try_for_each(|file| write(directory, file)).inspect_err(|_| {
        // The failure is the one to tell; what can't be removed either is seen at the next try.
        let _ = fs::remove_dir_all(directory);
    })
}

fn write(directory: &Path, file: &ProjectFile) -> Result<(), Box<ScaffoldError>> {
    let path = directory.join(&file.path);
    let written = || -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(directory))?;
        File::create_new(&path)?.write_all(&file.bytes)
    };
    written().map_err(|reason| ScaffoldError::Write { path: shown(&path), reason: reason.into() }.into())
}

fn shown(path: &Path) -> Escaped {
    Escaped::from(path)
}
