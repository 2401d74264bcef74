//! Trust in files, and in directories of compiled code, by owner and mode.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::{CacheDistrust, Distrust, FileDistrust, Forbidden};
use super::walk::{WRITABLE, own_directory};

/// Most files and directories that a directory of compiled code may hold. The code of hundreds of components is fewer,
/// and so many are examined in milliseconds.
pub(super) const MAX_ENTRIES: usize = 4_000;
/// Mode bits: the group or others may do anything.
pub(super) const ACCESSIBLE: u32 = 0o077;

/// The metadata of a file of the user's own; `None` if it does not exist. It is to be in a directory of the user's own,
/// so that nobody puts another one there afterwards.
///
/// # Errors
/// The reason against it.
pub(crate) fn check_file(path: &Path, forbidden: Forbidden) -> Result<Option<Metadata>, FileDistrust> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    if !found.is_file() {
        return Err(FileDistrust::NotRegular);
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(FileDistrust::Owner);
    }
    match forbidden {
        Forbidden::Writing if found.mode() & WRITABLE != 0 => Err(FileDistrust::Writable),
        Forbidden::Opening if found.mode() & ACCESSIBLE != 0 => Err(FileDistrust::Accessible),
        Forbidden::Writing | Forbidden::Opening => Ok(Some(found)),
    }
}

/// The real path of a directory for compiled code, two levels deep in what is crhost's: itself, its parent and every
/// entry in it belong to this user, others can't open it, and they can't replace it or any directory above, so that
/// what is loaded from it later is what was examined. Missing directories are made. `assumed` is as for
/// [`own_directory`].
///
/// # Errors
/// The first reason against it.
pub(crate) fn cache_directory(directory: &Path, assumed: Option<&Path>) -> Result<PathBuf, CacheDistrust> {
    let user = rustix::process::geteuid().as_raw();
    for own in directory.parent().into_iter().chain([directory]) {
        let found = match fs::symlink_metadata(own) {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            found => found.map_err(|reason| Distrust::Io(own.into(), reason.into()))?,
        };
        if !found.is_dir() {
            return Err(CacheDistrust::NotDirectory(own.into()));
        }
        if found.uid() != user {
            return Err(CacheDistrust::Owner(own.into()));
        }
        if found.mode() & WRITABLE != 0 {
            return Err(CacheDistrust::Writable(own.into()));
        }
    }
    let directory = own_directory(directory, assumed)?;
    let found =
        fs::symlink_metadata(&directory).map_err(|reason| Distrust::Io(directory.as_path().into(), reason.into()))?;
    if found.mode() & ACCESSIBLE != 0 {
        return Err(CacheDistrust::Accessible(directory.into()));
    }
    check_contents(&directory, user)?;
    Ok(directory)
}

/// Every entry is a file or directory of the user's. Their modes don't matter: the runtime makes its files as the umask
/// says, and the mode of the directory itself keeps others out.
fn check_contents(directory: &Path, user: u32) -> Result<(), CacheDistrust> {
    let mut directories = vec![directory.to_owned()];
    let mut count = 0;
    while let Some(directory) = directories.pop() {
        let io = |reason: std::io::Error| Distrust::Io(directory.as_path().into(), reason.into());
        for entry in fs::read_dir(&directory).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let found = match fs::symlink_metadata(&path) {
                // Another process has just renamed or removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                found => found.map_err(|reason| Distrust::Io(path.as_path().into(), reason.into()))?,
            };
            count += 1;
            if count > MAX_ENTRIES {
                return Err(CacheDistrust::Foreign(directory.into()));
            }
            if found.uid() != user {
                return Err(CacheDistrust::Owner(path.into()));
            }
            if found.is_dir() {
                directories.push(path);
            } else if !found.is_file() {
                return Err(CacheDistrust::Foreign(path.into()));
            }
        }
    }
    Ok(())
}
