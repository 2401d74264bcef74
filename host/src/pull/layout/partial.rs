//! A blob that is not whole yet: a file that one process writes, and that another takes up when that one is gone.
//!
//! The file is locked as long as its process lives; the operating system frees the lock of one that is killed. Only
//! whole and verified bytes are moved to where the blob belongs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::image::{Digest, Hasher};

/// The wait between two looks at a file that another process has locked.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// The age from which a partial blob without a process is removed by a later pull of anything else: whoever wants to go
/// on with a broken pull does so before.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// The age of a file's content from which on a later write shows in its times: these are as fine as the system's clock
/// ticks, of 10 ms at most, and some file systems count in seconds.
pub(super) const SETTLED: Duration = Duration::from_secs(2);

/// Bytes that are read at once to hash what is there.
const READ_BYTES: usize = 1 << 20;

/// Bytes that are written and hashed at once: few enough that they are still in the core's cache when they are hashed,
/// and that the system caches them in memory which it has just used, and not in large pieces that it has to look for.
const PIECE_BYTES: usize = 32 << 10;

/// How the names of partial blobs begin and end.
const NAME: (&str, &str) = (".crhost-", ".part");

/// A partial blob, locked.
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    hasher: Hasher,
    written: u64,
}

impl Partial {
    /// The partial blob of a digest in a directory, made if there is none; `None` while another process has it.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn lock(directory: &Path, digest: &Digest) -> io::Result<Option<Self>> {
        let path = directory.join(format!("{}{}{}", NAME.0, digest.hex(), NAME.1));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Some network file systems have no locks: two pulls of the same blob then see each other's bytes, and the
            // digest shows it.
            Err(TryLockError::Error(reason)) if reason.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(reason)) => return Err(reason),
        }
        // The process that had it may have moved it to its place meanwhile.
        match is_same(&file, &path) {
            true => Ok(Some(Self { file, path, hasher: Hasher::new(), written: 0 })),
            false => Ok(None),
        }
    }

    /// Takes up what is there, at most `size` bytes, and gives their number. `read` is called with it as it grows.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn take_up(&mut self, size: u64, read: &dyn Fn(u64)) -> io::Result<u64> {
        if self.file.metadata()?.len() > size {
            self.restart()?;
        }
        let mut block = vec![0; READ_BYTES];
        loop {
            match self.file.read(&mut block)? {
                0 => return Ok(self.written),
                length => {
                    self.hasher.update(block.get(..length).unwrap_or_default());
                    self.written += length as u64;
                    read(self.written);
                }
            }
        }
    }

    /// Drops what is there.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.hasher, self.written) = (Hasher::new(), 0);
        Ok(())
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.file.write_all(piece)?;
            self.hasher.update(piece);
            self.written += piece.len() as u64;
        }
        Ok(())
    }

    /// The digest of all bytes so far, which can be asked for once.
    pub(super) fn digest(&mut self) -> Digest {
        std::mem::take(&mut self.hasher).finish()
    }

    /// Moves the whole blob to its place, in the place of a damaged one. The disk is not waited for: a blob that a
    /// power cut leaves in parts is found by its hash, and received again.
    ///
    /// # Errors
    /// The operating system's.
    pub(super) fn place(self, target: &Path) -> io::Result<()> {
        backdate(&self.file);
        fs::rename(&self.path, target)
    }

    /// Removes it.
    pub(super) fn remove(self) {
        // The next pull takes it up, if it can't be removed.
        let _ = fs::remove_file(&self.path);
    }
}

/// Sets the time of a file's content a little back, so that every later write changes it, however soon it comes. Where
/// the file system lets no program do that, the blob is not recorded as verified.
pub(super) fn backdate(file: &File) {
    let _ = file.set_modified(SystemTime::now().checked_sub(SETTLED).unwrap_or(SystemTime::UNIX_EPOCH));
}

/// Removes partial blobs that are old and have no process.
pub(super) fn clean(directory: &Path) {
    let Ok(files) = fs::read_dir(directory) else { return };
    for file in files.flatten() {
        let name = file.file_name();
        let is_partial = name.to_str().is_some_and(|name| name.starts_with(NAME.0) && name.ends_with(NAME.1));
        let is_old = || file.metadata().ok()?.modified().ok()?.elapsed().ok().map(|age| age > MAX_AGE);
        if is_partial
            && is_old() == Some(true)
            && let Ok(opened) = OpenOptions::new().write(true).open(file.path())
            && opened.try_lock().is_ok()
        {
            let _ = fs::remove_file(file.path());
        }
    }
}

/// The digest of a file that was just opened.
///
/// # Errors
/// The operating system's.
pub(super) fn digest_of(file: &mut File) -> io::Result<Digest> {
    let (mut hasher, mut block) = (Hasher::new(), vec![0; READ_BYTES]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hasher.finish()),
            length => hasher.update(block.get(..length).unwrap_or_default()),
        }
    }
}

/// Whether a file is still what its path leads to.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |found: fs::Metadata| (found.dev(), found.ino());
    match (file.metadata().map(id), fs::symlink_metadata(path).map(id)) {
        (Ok(own), Ok(there)) => own == there,
        _ => false,
    }
}

/// Elsewhere an open file can't be renamed by another process.
#[cfg(not(unix))]
fn is_same(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_blob_has_one_writer_and_the_next_takes_it_up() {
        let place = tempfile::tempdir().unwrap();
        let (digest, target) = (Digest::of(b"whole"), place.path().join("blob"));
        let mut first = Partial::lock(place.path(), &digest).unwrap().unwrap();
        first.write(b"who").unwrap();
        assert!(Partial::lock(place.path(), &digest).unwrap().is_none());
        drop(first);
        let mut second = Partial::lock(place.path(), &digest).unwrap().unwrap();
        assert_eq!(second.take_up(5, &|_| ()).unwrap(), 3);
        second.write(b"le").unwrap();
        assert_eq!(second.digest(), digest);
        second.place(&target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn more_bytes_than_the_blob_has_are_dropped() {
        let place = tempfile::tempdir().unwrap();
        let digest = Digest::of(b"x");
        let mut partial = Partial::lock(place.path(), &digest).unwrap().unwrap();
        partial.write(b"longer than that").unwrap();
        drop(partial);
        let mut partial = Partial::lock(place.path(), &digest).unwrap().unwrap();
        assert_eq!(partial.take_up(1, &|_| ()).unwrap(), 0);
    }

    #[test]
    fn only_old_partial_blobs_without_a_process_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - 2 * MAX_AGE;
        let make = |content: &[u8]| {
            let partial = Partial::lock(place.path(), &Digest::of(content)).unwrap().unwrap();
            partial.file.set_modified(old).unwrap();
            partial
        };
        drop(make(b"old"));
        let _locked = make(b"locked");
        drop(Partial::lock(place.path(), &Digest::of(b"new")));
        fs::write(place.path().join("other"), b"").unwrap();
        clean(place.path());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 3);
    }
}
