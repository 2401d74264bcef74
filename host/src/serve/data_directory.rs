//! The data directory: created, locked and checked before the registry opens.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ferro_oci_server::METADATA_FILE_NAME;

use super::error::Error;
use crate::files::trust::{self, FileDistrust, Forbidden};

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
        directory.check_metadata()?;
        Ok(directory)
    }

    /// The directory of the manifests and tags.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file of the manifests and tags.
    pub(super) fn metadata(&self) -> PathBuf {
        self.path.join(METADATA_FILE_NAME)
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

    /// `ferro-oci-server` writes `metadata.json.<pid>.<n>.tmp` and renames it. A leftover would make its next write
    /// fail where process ids repeat, as they do in containers.
    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|n| n.starts_with(METADATA_FILE_NAME) && n.ends_with(".tmp")) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// `ferro-oci-server` takes a file that it can't read for an empty one, and would overwrite it at the next push.
    fn check_metadata(&self) -> Result<(), Error> {
        let path = self.metadata();
        match trust::check_file(&path, Forbidden::Writing) {
            Ok(_) => {}
            Err(FileDistrust::Io(source)) => return Err(Error::Data { path: path.into(), source }),
            Err(reason) => return Err(Error::Untrusted { path: path.into(), reason }),
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Error::Data { path: path.into(), source: source.into() }),
        };
        match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
            Ok(_) => Ok(()),
            Err(source) => Err(Error::Damaged { path: path.into(), source: source.into() }),
        }
    }
}
