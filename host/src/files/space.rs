//! Space on a disk, and whether it can be written.

use std::io;
use std::path::Path;

/// Bytes of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    /// Those that this user may fill.
    pub(crate) free: u64,
    /// All of them; 0 where the file system has no size.
    pub(crate) total: u64,
}

/// The space where a path is, or would be made.
///
/// # Errors
/// The operating system's, and on systems that are not asked.
#[cfg(unix)]
pub(crate) fn of(path: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(existing(path))?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok(Space { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
}

/// Whether files can be made at a path, or in the directory in which it would be made.
///
/// # Errors
/// Why not.
#[cfg(unix)]
pub(crate) fn can_write(path: &Path) -> Result<(), String> {
    let found = rustix::fs::access(existing(path), rustix::fs::Access::WRITE_OK);
    found.map_err(|reason| crate::text::Foreign(io::Error::from(reason)).to_string())
}

/// The path, or the nearest directory above it that exists.
#[cfg(unix)]
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."))
}

/// Other systems are not asked.
#[cfg(not(unix))]
pub(crate) fn of(_: &Path) -> io::Result<Space> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Other systems are not asked.
#[cfg(not(unix))]
pub(crate) fn can_write(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_does_not_exist_has_the_space_of_the_directory_above_it() {
        let directory = tempfile::tempdir().unwrap();
        let (here, below) = (of(directory.path()).unwrap(), of(&directory.path().join("a/b/c")).unwrap());
        assert!(here.total > 0 && here.free <= here.total);
        assert_eq!(here.total, below.total);
        assert!(can_write(&directory.path().join("a/b")).is_ok());
        assert!(can_write(Path::new("/proc/1")).is_err());
    }
}
