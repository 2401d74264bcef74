//! Files that are written whole or not at all: into a temporary file beside the target, synced, then renamed, then the
//! directory synced.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Most symbolic links that are followed to a file, as Linux has it (`path_resolution(7)`).
const MAX_LINKS: usize = 40;

/// The file behind symbolic links, which need not exist.
#[must_use]
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(link) = fs::read_link(&target) else { break };
        target = target.parent().map_or_else(|| link.clone(), |directory| directory.join(&link));
    }
    target
}

/// Who may open the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Its owner alone (mode 0600).
    Owner,
    /// Everyone whom the user's umask lets (mode 0666 less the umask), as with any other file that the user makes.
    Umask,
}

/// A file that takes its place when it is written. Dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Pending {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl Pending {
    /// Makes a temporary file in the directory of `path`, so that a directory that can't be written to is known before
    /// the work. What is at `path` stays.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn beside(path: &Path, access: Access) -> io::Result<Self> {
        let mut builder = Builder::new();
        match access {
            // The default of `tempfile`.
            Access::Owner => {}
            #[cfg(unix)]
            Access::Umask => drop(builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))),
            #[cfg(not(unix))]
            Access::Umask => {}
        }
        let temporary = builder.tempfile_in(directory_of(path)).map_err(without_temporary_name)?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// The same, with the mode and the owner of the file at `path` if there is one, and otherwise for its owner alone.
    ///
    /// # Errors
    /// The operating system's, e.g. where the file is another user's: it can't be written for that user then.
    pub(crate) fn in_place_of(path: &Path) -> io::Result<Self> {
        let pending = Self::beside(path, Access::Owner)?;
        match fs::metadata(path) {
            Ok(found) => like(pending.temporary.as_file(), &found)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(pending)
    }

    /// Writes the file in the place of one that exists.
    ///
    /// # Errors
    /// The operating system's; the old file stays then.
    pub(crate) fn replace(self, bytes: &[u8]) -> io::Result<()> {
        let Self { path, temporary } = self;
        filled(temporary, bytes)?.persist(&path)?;
        sync_directory(&path);
        Ok(())
    }

    /// The same without waiting for the disk: whole after a kill, but perhaps not after a power cut.
    ///
    /// # Errors
    /// As for [`replace`](Self::replace).
    pub(crate) fn replace_unsynced(self, bytes: &[u8]) -> io::Result<()> {
        let Self { path, temporary } = self;
        written(temporary, bytes)?.persist(&path)?;
        Ok(())
    }

    /// Writes the file, unless one exists by now: then that one stays, and this is no error.
    ///
    /// # Errors
    /// The operating system's; no file is there then.
    pub(crate) fn create(self, bytes: &[u8]) -> io::Result<()> {
        let Self { path, temporary } = self;
        place(filled(temporary, bytes)?, &path)?;
        sync_directory(&path);
        Ok(())
    }

    /// The same without waiting for the disk.
    ///
    /// # Errors
    /// As for [`create`](Self::create).
    pub(crate) fn create_unsynced(self, bytes: &[u8]) -> io::Result<()> {
        let Self { path, temporary } = self;
        place(written(temporary, bytes)?, &path)
    }
}

/// Replaces a file, for its owner alone.
///
/// # Errors
/// The operating system's; the old file stays then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Pending::beside(path, Access::Owner)?.replace(bytes)
}

/// The same without waiting for the disk: whole after a kill, but perhaps not after a power cut.
///
/// # Errors
/// As for [`replace`].
pub(super) fn replace_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Pending::beside(path, Access::Owner)?.replace_unsynced(bytes)
}

/// Writes a file over its old content, for one that can't be replaced because it is a mount of its own. Only a kill or
/// a power cut leaves half of it: where the new content can't be written, the old one is written back.
///
/// # Errors
/// The operating system's; the old content is there then.
pub(crate) fn overwrite(path: &Path, old: &[u8], new: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    let mut write = |bytes: &[u8]| -> io::Result<()> {
        file.rewind()?;
        file.write_all(bytes)?;
        file.set_len(bytes.len() as u64)?;
        file.sync_all()
    };
    write(new).inspect_err(|_| _ = write(old))
}

/// Writes a new file, for its owner alone, or leaves the one that exists.
///
/// # Errors
/// The operating system's; no file is there then.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Pending::beside(path, Access::Owner)?.create(bytes)
}

/// Gives a new file the owner and the mode of another one. The owner first: a change of it takes mode bits away.
#[cfg(unix)]
fn like(file: &File, other: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (other.uid(), other.gid()) {
        std::os::unix::fs::fchown(file, Some(other.uid()), Some(other.gid()))?;
    }
    file.set_permissions(other.permissions())
}

/// Elsewhere a new file has the permissions of its directory.
#[cfg(not(unix))]
fn like(_: &File, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// The directory that a path's last component is in.
pub(crate) fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Moves a file to its place, unless one is there by now.
fn place(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    match temporary.persist_noclobber(path) {
        Ok(_) => Ok(()),
        // Another process was faster.
        Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(failed.error),
    }
}

fn filled(temporary: NamedTempFile, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let temporary = written(temporary, bytes)?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

fn written(mut temporary: NamedTempFile, bytes: &[u8]) -> io::Result<NamedTempFile> {
    temporary.write_all(bytes).map_err(without_temporary_name)?;
    Ok(temporary)
}

/// An error of `tempfile` without ` at path "…"`: the name of the temporary file tells a user nothing.
fn without_temporary_name(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason.to_owned()),
        None => error,
    }
}

/// Makes the rename last through a power cut. Not every system can open a directory for that; the file is whole anyway.
pub(crate) fn sync_directory(path: &Path) {
    let _ = File::open(directory_of(path)).and_then(|directory| directory.sync_all());
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn count(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("f");
        replace(&file, b"old").unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(count(directory.path()), 1);
    }

    #[test]
    fn a_file_is_overwritten_with_a_longer_or_a_shorter_text() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("f");
        fs::write(&file, b"old").unwrap();
        for (old, new) in [(&b"old"[..], &b"longer than that"[..]), (b"longer than that", b"s")] {
            overwrite(&file, old, new).unwrap();
            assert_eq!(fs::read(&file).unwrap(), new);
        }
        assert!(overwrite(&directory.path().join("missing"), b"", b"x").is_err());
    }

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let error = replace(&directory.path().join("missing/f"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains("tmp"), "{error}");
    }

    #[test]
    fn a_file_that_exists_is_not_created_again() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("f");
        create(&file, b"first").unwrap();
        create(&file, b"second").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"first");
        assert_eq!(count(directory.path()), 1);
    }

    #[test]
    fn a_pending_file_that_is_not_written_leaves_the_old_one_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("f");
        replace(&file, b"old").unwrap();
        drop(Pending::beside(&file, Access::Umask).unwrap());
        assert_eq!(fs::read(&file).unwrap(), b"old");
        assert_eq!(count(directory.path()), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_open_a_file_unless_the_umask_decides() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
        replace(&directory.path().join("private"), b"").unwrap();
        Pending::beside(&directory.path().join("shared"), Access::Umask).unwrap().replace(b"").unwrap();
        File::create(directory.path().join("usual")).unwrap();
        assert_eq!(mode("private"), 0o600);
        assert_eq!(mode("shared"), mode("usual"));
    }
}
