//! The data directory: created, locked and checked before the registry opens.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use crate::files::trust::{self, FileDistrust, Forbidden};

/// The file of the manifests and tags.
const METADATA: &str = "metadata.json";

/// A data directory that this registry alone uses.
pub(super) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Creates missing directories for the user alone, checks that those which exist are the user's, takes the lock,
    /// and removes the half-written files of a killed registry.
    pub(super) fn open(path: &Path, trusted: Option<&Path>) -> Result<Self, Error> {
        let path = &trust::own_directory(path, trusted)?;
        let failed = |source: io::Error| Error::Data { path: path.into(), source: source.into() };
        for below in ["blobs", "uploads"] {
            trust::own_directory(&path.join(below), trusted)?;
        }
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::DataInUse(path.into())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let directory = Self { path: path.clone(), _lock: lock };
        directory.remove_leftovers().map_err(failed)?;
        directory.check_metadata_file()?;
        Ok(directory)
    }

    /// The directory itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the manifests and tags.
    pub(super) fn metadata(&self) -> PathBuf {
        self.path.join(METADATA)
    }

    /// The directory of the finished blobs.
    pub(super) fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }

    /// The directory of the open uploads; on the same file system as the blobs, so that a rename turns one into the
    /// other.
    pub(super) fn uploads(&self) -> PathBuf {
        self.path.join("uploads")
    }

    /// A registry that was killed may leave the temporary file of its manifests and tags.
    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_temporary =
                |name: &str| name.starts_with(".tmp") || name.starts_with(METADATA) && name.ends_with(".tmp");
            if entry.file_type()?.is_file() && name.to_str().is_some_and(is_temporary) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn check_metadata_file(&self) -> Result<(), Error> {
        let path = self.metadata();
        match trust::check_file(&path, Forbidden::Writing) {
            Ok(_) => Ok(()),
            Err(FileDistrust::Io(source)) => Err(Error::Data { path: path.into(), source }),
            Err(reason) => Err(Error::Untrusted { path: path.into(), reason }),
        }
    }
}
