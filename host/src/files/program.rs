//! Files that can be run.

use std::path::{Path, PathBuf};

/// Whether a path leads to a file that somebody may run.
#[cfg(unix)]
pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// Whether a path leads to a file. On other systems the name's extension decides whether it can be run.
#[cfg(not(unix))]
pub(crate) fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// The first file of a name that can be run, as a shell finds programs in these directories.
pub(crate) fn find_program(directories: &[PathBuf], file: &str) -> Option<PathBuf> {
    let mut paths = directories.iter().map(|directory| directory.join(file));
    paths.find(|path| is_program(path))
}
