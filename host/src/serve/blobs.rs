//! The finished blobs, as files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::image::Digest;

/// Blobs by digest, at `<root>/sha256/<first two digits>/<other digits>`.
///
/// This is the documented layout of `ferro_blob_store::FsBlobStore`, through which the manifest endpoints look whether
/// the blobs of a manifest are there. Blobs belong to no repository: what one push brought is there for all.
#[derive(Debug, Clone)]
pub(super) struct Blobs {
    root: PathBuf,
}

impl Blobs {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        let (shard, rest) = hex.split_at_checked(2).unwrap_or((hex, ""));
        self.root.join("sha256").join(shard).join(rest)
    }

    /// A blob to read and its size; `None` when it is not there.
    pub(super) async fn open(&self, digest: &Digest) -> io::Result<Option<(tokio::fs::File, u64)>> {
        match tokio::fs::File::open(self.path(digest)).await {
            Ok(file) => {
                let size = file.metadata().await?.len();
                Ok(Some((file, size)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a blob is there.
    pub(super) async fn contains(&self, digest: &Digest) -> io::Result<bool> {
        tokio::fs::try_exists(self.path(digest)).await
    }

    /// Deletes a blob, for all repositories; `false` when it was not there.
    pub(super) async fn remove(&self, digest: &Digest) -> io::Result<bool> {
        match tokio::fs::remove_file(self.path(digest)).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes a file, which has just been written and verified, the blob of this digest. Blocks.
    ///
    /// The order is what makes it safe against a crash at any point: the content is on the disk before the name is, so
    /// the name shows all of the blob or nothing.
    pub(super) fn adopt(&self, file: &File, at: &Path, digest: &Digest) -> io::Result<()> {
        file.sync_all()?;
        let path = self.path(digest);
        let shard = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(shard)?;
        fs::rename(at, &path)?;
        for folder in shard.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}
