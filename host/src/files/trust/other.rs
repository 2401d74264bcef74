//! Trust where there are no Unix modes.

use std::path::{Path, PathBuf};

use super::distrust::Distrust;

/// The path of a directory. On this system its place in the user's profile is protection enough.
///
/// # Errors
/// When it is not a directory.
pub(crate) fn trusted(directory: &Path) -> Result<PathBuf, Distrust> {
    match std::fs::symlink_metadata(directory) {
        Ok(metadata) if metadata.is_dir() => Ok(directory.to_owned()),
        Ok(_) => Err(Distrust::NotDirectory(directory.to_owned())),
        Err(reason) => Err(Distrust::Io(directory.to_owned(), reason)),
    }
}
