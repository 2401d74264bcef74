//! Temporary files of a build: they hold logins and secrets, so that each is for its owner alone from its creation.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::error::BuildError;
use crate::files::private;

/// Makes a directory with mode 0700 less the umask. It goes away with the value.
///
/// # Errors
/// When the directory of temporary files can't be written to.
pub(super) fn directory() -> Result<TempDir, BuildError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("crhost-build-");
    // The library leaves the mode to the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().map_err(BuildError::keep)
}

/// Writes a new file with mode 0600 less the umask.
///
/// # Errors
/// When it can't be written.
pub(super) fn write(file: &Path, content: &[u8]) -> Result<(), BuildError> {
    private::create_file(file).and_then(|()| fs::write(file, content)).map_err(BuildError::keep)
}
