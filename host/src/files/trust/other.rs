//! Trust where there are no Unix modes: a directory's place in the user's profile is protection enough.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{CacheDistrust, Distrust, FileDistrust, Forbidden};

/// The path of a directory, which is made if it is missing.
///
/// # Errors
/// When it can't be made.
pub(crate) fn own_directory(directory: &Path, _assumed: Option<&Path>) -> Result<PathBuf, Distrust> {
    fs::create_dir_all(directory).map_err(|reason| Distrust::Io(directory.into(), reason.into()))?;
    Ok(directory.to_owned())
}

/// The path of a directory; `None` if it does not exist.
///
/// # Errors
/// None on this system.
pub(crate) fn existing_directory(directory: &Path, _assumed: Option<&Path>) -> Result<Option<PathBuf>, Distrust> {
    Ok(directory.is_dir().then(|| directory.to_owned()))
}

/// The path of a directory of compiled code, which is made if it is missing.
///
/// # Errors
/// When it can't be made.
pub(crate) fn cache_directory(directory: &Path, assumed: Option<&Path>) -> Result<PathBuf, CacheDistrust> {
    Ok(own_directory(directory, assumed)?)
}

/// Metadata of a file; `None` if it does not exist.
///
/// # Errors
/// When it is no regular file, or can't be examined.
pub(crate) fn check_file(path: &Path, _forbidden: Forbidden) -> Result<Option<Metadata>, FileDistrust> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found)),
        Ok(_) => Err(FileDistrust::NotRegular),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Metadata of an opened file with a secret.
///
/// # Errors
/// When it is no regular file, or can't be examined.
pub(crate) fn check_secret(file: &File) -> Result<Metadata, FileDistrust> {
    let found = file.metadata()?;
    if found.is_file() { Ok(found) } else { Err(FileDistrust::NotRegular) }
}
