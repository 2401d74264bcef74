//! The locks under which the lists of a storage are read together: those of containers/storage
//! (`pkg/lockfile/lockfile_unix.go`), which are POSIX locks on whole files.
//!
//! Each list is replaced as a whole, so that one that is read without a lock is never half written; the lock keeps the
//! lists of images and layers of one moment. Layers themselves are read without one: a lock of that length would stop
//! every pull, and all bytes are verified by their digests.

use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

/// Tries to get a lock, and the time between them: together five seconds. Podman holds its locks for some milliseconds,
/// and for as long as a layer takes to unpack.
const TRIES: u32 = 100;
const WAIT: Duration = Duration::from_millis(50);

/// A shared lock, until it is dropped. Nothing is locked where the file can't be opened, as in a store that is only
/// read, or is not given in time.
pub(super) struct Shared(Option<File>);

impl Shared {
    /// Waits for a lock.
    pub(super) fn of(path: &Path) -> Self {
        let Ok(file) = File::open(path) else { return Self(None) };
        for _ in 0..TRIES {
            match fcntl_lock(&file, FlockOperation::NonBlockingLockShared) {
                Ok(()) => return Self(Some(file)),
                Err(Errno::ACCESS | Errno::AGAIN) => sleep(WAIT),
                Err(_) => break,
            }
        }
        tracing::debug!("`{}` is read without its lock", path.display());
        Self(None)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Closing the file does the same; where that fails, nothing else can be done.
        if let Some(file) = &self.0 {
            let _ = fcntl_lock(file, FlockOperation::Unlock);
        }
    }
}
