//! The finished blobs, as files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::quota::Quota;
use crate::files::private;
use crate::image::Digest;

/// Blobs by digest, at `<root>/sha256/<first two digits>/<other digits>`.
///
/// Blobs belong to no repository: all repositories share them.
#[derive(Debug, Clone)]
pub(super) struct Blobs {
    root: PathBuf,
    quota: Arc<Quota>,
}

impl Blobs {
    /// The blobs in a directory.
    pub(super) fn new(root: PathBuf, quota: Arc<Quota>) -> Self {
        Self { root, quota }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        let (shard, rest) = hex.split_at_checked(2).unwrap_or((hex, ""));
        self.root.join("sha256").join(shard).join(rest)
    }

    /// A blob to read and its size; `None` if there is no such blob.
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

    /// Whether there is such a blob.
    pub(super) async fn contains(&self, digest: &Digest) -> io::Result<bool> {
        tokio::fs::try_exists(self.path(digest)).await
    }

    /// Deletes a blob, for all repositories; `false` if there was no such blob.
    pub(super) async fn remove(&self, digest: &Digest) -> io::Result<bool> {
        let path = self.path(digest);
        let removed = tokio::task::spawn_blocking(move || {
            let size = fs::metadata(&path)?.len();
            fs::remove_file(&path).map(|()| size)
        });
        match removed.await.map_err(io::Error::from).flatten() {
            Ok(size) => {
                self.quota.remove_file(size);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Turns a file, which has just been written and verified, into the blob of this digest. Blocks.
    ///
    /// Safe against a crash at any point: the content is synced before the rename, so that the name leads to the whole
    /// blob or to nothing.
    pub(super) fn adopt(&self, file: &File, at: &Path, digest: &Digest) -> io::Result<()> {
        file.sync_all()?;
        let path = self.path(digest);
        let shard = path.parent().unwrap_or(&self.root);
        private::create_directory(shard)?;
        let replaced = fs::metadata(&path).ok();
        fs::rename(at, &path)?;
        if let Some(replaced) = replaced {
            self.quota.remove_file(replaced.len());
        }
        for directory in shard.ancestors().take_while(|directory| directory.starts_with(&self.root)) {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    }
}
