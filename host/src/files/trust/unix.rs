//! Trust by owner and mode.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::distrust::Distrust;

/// Most files and directories that a trusted directory may hold. The code of hundreds of components is fewer, and so
/// many are examined in milliseconds.
pub(super) const MAX_ENTRIES: usize = 4_000;
/// Mode bits: the group or others may write.
const WRITABLE: u32 = 0o022;
/// Mode bits: the group or others may do anything.
const ACCESSIBLE: u32 = 0o077;
/// Mode bit: others may write.
const WRITABLE_BY_OTHERS: u32 = 0o002;
/// Mode bit: only an entry's owner may rename or remove it.
const STICKY: u32 = 0o1000;
/// The user id of the system itself.
const ROOT: u32 = 0;

/// The real path of a directory of crhost's own, two levels deep: itself, its parent and every entry in it belong to
/// this user, others can't open it, and they can't replace it or any directory above.
///
/// # Errors
/// The first reason against it.
pub(crate) fn trusted(directory: &Path) -> Result<PathBuf, Distrust> {
    let user = rustix::process::geteuid().as_raw();
    for own in directory.parent().into_iter().chain([directory]) {
        let entry = Entry::at(own)?;
        if !entry.metadata.is_dir() {
            return Err(Distrust::NotDirectory(own.into()));
        }
        entry.expect_owner(user)?;
        if entry.metadata.mode() & WRITABLE != 0 {
            return Err(Distrust::Writable(own.into()));
        }
    }
    // A symbolic link further up may be another user's, so that only the resolved path is examined and returned.
    let directory = directory.canonicalize().map_err(|reason| Distrust::Io(directory.into(), reason.into()))?;
    for ancestor in directory.ancestors().skip(1) {
        check_ancestor(&Entry::at(ancestor)?, user)?;
    }
    if Entry::at(&directory)?.metadata.mode() & ACCESSIBLE != 0 {
        return Err(Distrust::Accessible(directory.into()));
    }
    check_contents(&directory, user)?;
    Ok(directory)
}

/// A directory entry itself: a symbolic link is not followed.
struct Entry {
    path: PathBuf,
    metadata: Metadata,
}

impl Entry {
    fn at(path: &Path) -> Result<Self, Distrust> {
        match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Self { path: path.to_owned(), metadata }),
            Err(reason) => Err(Distrust::Io(path.into(), reason.into())),
        }
    }

    fn expect_owner(&self, user: u32) -> Result<(), Distrust> {
        if self.metadata.uid() == user { Ok(()) } else { Err(Distrust::Owner(self.path.clone().into())) }
    }
}

/// A directory above belongs to the user or to root, and others can't rename its entries: it is not writable by others,
/// or it is sticky like `/tmp`. A group may write: with a umask of 002, where each user has a group of their own,
/// directories are made so.
fn check_ancestor(ancestor: &Entry, user: u32) -> Result<(), Distrust> {
    let (owner, mode) = (ancestor.metadata.uid(), ancestor.metadata.mode());
    let replaceable = mode & WRITABLE_BY_OTHERS != 0 && mode & STICKY == 0;
    if (owner != user && owner != ROOT) || replaceable {
        return Err(Distrust::Replaceable(ancestor.path.clone().into()));
    }
    Ok(())
}

/// Every entry is a file or directory of the user's. Their modes don't matter: the runtime makes its files as the umask
/// says, and the mode of the directory itself keeps others out.
fn check_contents(directory: &Path, user: u32) -> Result<(), Distrust> {
    let mut directories = vec![directory.to_owned()];
    let mut count = 0;
    while let Some(directory) = directories.pop() {
        let io = |reason: std::io::Error| Distrust::Io(directory.as_path().into(), reason.into());
        for entry in fs::read_dir(&directory).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let entry = match Entry::at(&path) {
                // Another process has just renamed or removed it.
                Err(Distrust::Io(_, reason)) if reason.0.kind() == ErrorKind::NotFound => continue,
                entry => entry?,
            };
            count += 1;
            if count > MAX_ENTRIES {
                return Err(Distrust::Foreign(directory.into()));
            }
            entry.expect_owner(user)?;
            if entry.metadata.is_dir() {
                directories.push(path);
            } else if !entry.metadata.is_file() {
                return Err(Distrust::Foreign(path.into()));
            }
        }
    }
    Ok(())
}
