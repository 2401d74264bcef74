//! Files that are read again when they change.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

/// What tells one content of a file from another without reading it. A file that can't be looked at is as one that is
/// not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: Inode,
}

/// The inode, and the time of its last change, which no program can set: seconds and nanoseconds.
type Inode = (u64, i64, i64);

impl Stamp {
    /// That of a file as it is now.
    pub(crate) fn of(path: &Path) -> Self {
        let found = fs::metadata(path).ok();
        Self {
            modified: found.as_ref().and_then(|found| found.modified().ok()),
            length: found.as_ref().map_or(0, Metadata::len),
            inode: inode(found.as_ref()),
        }
    }
}

#[cfg(unix)]
fn inode(found: Option<&Metadata>) -> Inode {
    use std::os::unix::fs::MetadataExt as _;
    found.map(|found| (found.ino(), found.ctime(), found.ctime_nsec())).unwrap_or_default()
}

#[cfg(not(unix))]
fn inode(_: Option<&Metadata>) -> Inode {
    Inode::default()
}
