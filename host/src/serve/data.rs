//! The data folder: made, locked and checked before the registry opens.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ferro_oci_server::METADATA_FILE_NAME;

use super::error::Error;

/// A data folder that no other registry uses.
pub(super) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes what is missing, takes the lock, and removes what a killed registry left half written.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Data { path: path.to_owned(), source };
        for folder in [path.to_owned(), path.join("blobs"), path.join("uploads")] {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::DataInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let folder = Self { path: path.to_owned(), _lock: lock };
        folder.remove_leftovers().map_err(failed)?;
        folder.check_metadata()?;
        Ok(folder)
    }

    /// Where the manifests and tags are.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the finished blobs are.
    pub(super) fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }

    /// Where the uploads under way are; on the same file system as the blobs, so that one becomes the other by a rename.
    pub(super) fn uploads(&self) -> PathBuf {
        self.path.join("uploads")
    }

    /// The library writes `metadata.json.<pid>.<n>.tmp` and renames it. A leftover would make its next write fail where
    /// process ids repeat, as they do in containers.
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

    /// The library takes a file that it cannot read for an empty one, and would write over it at the next push.
    fn check_metadata(&self) -> Result<(), Error> {
        let path = self.path.join(METADATA_FILE_NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(Error::Data { path, source }),
        };
        match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
            Ok(_) => Ok(()),
            Err(source) => Err(Error::Damaged { path, source }),
        }
    }
}
