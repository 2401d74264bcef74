//! Folders and files that only their owner may open.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Makes a folder, and those above it, for the owner alone.
///
/// # Errors
/// The operating system's.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates a file for the owner alone, or leaves the one that is there.
///
/// # Errors
/// The operating system's.
pub(crate) fn create_file(file: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// Writes a file whole or not at all: into a temporary file beside it, synced, then renamed, then the folder synced.
///
/// # Errors
/// The operating system's; the old state stays then.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(file)?;
    temporary(folder, bytes)?.persist(file)?;
    sync(folder);
    Ok(())
}

/// Writes a file whole, or leaves the one that is there.
///
/// # Errors
/// The operating system's; there is no file then.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(file)?;
    match temporary(folder, bytes)?.persist_noclobber(file) {
        Ok(_) => {}
        // Another process was faster.
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(failed) => return Err(failed.error),
    }
    sync(folder);
    Ok(())
}

fn folder_of(file: &Path) -> io::Result<&Path> {
    file.parent().ok_or_else(|| io::Error::other("a file without a folder"))
}

/// A synced file without a name yet; only its owner may open it.
fn temporary(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// A folder can't be opened for syncing on every system; where it can, what was renamed in it survives a power cut.
fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        write_whole(&file, b"old").unwrap();
        write_whole(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
