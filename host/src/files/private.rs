//! Directories and files that only their owner may open.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a directory, and those above it, with mode 0700 less the umask. One that exists stays as it is.
///
/// # Errors
/// The operating system's.
pub(crate) fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Creates an empty file with mode 0600 less the umask. One that exists stays as it is.
///
/// # Errors
/// The operating system's.
pub(crate) fn create_file(file: &Path) -> io::Result<()> {
    append_to(file).map(drop)
}

/// Opens a file to add to its end. One that is missing is made with mode 0600 less the umask.
///
/// # Errors
/// The operating system's.
pub(super) fn append_to(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// Has every file and directory that this process makes from here on be for its owner alone, also those that libraries
/// make.
pub(crate) fn restrict_umask() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}
