//! Open uploads: exclusive access to each, and removal of abandoned ones.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use tokio::sync::OwnedMutexGuard;
use tokio::task::spawn_blocking;

use super::api_error::{ApiError, Code};
use super::blobs::Blobs;
use super::quota::Quota;
use super::response::mismatch;
use super::spool::{Ended, Progress, Spool, WriteError};
use super::upload_id::{UploadId, unknown_upload};
use crate::image::Digest;

/// How long a request waits for another one on the same upload: enough for the last batch of a dropped connection to
/// reach even a slow disk.
const WAIT: Duration = Duration::from_secs(10);

/// How long an upload may stay untouched before its file is deleted: a day, for pushes that are resumed tomorrow.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

type Slot = Arc<tokio::sync::Mutex<Option<Progress>>>;

/// The open uploads, each a file named by its id: received bytes survive a dropped connection, a restart and a kill.
pub(super) struct Sessions {
    directory: PathBuf,
    blobs: Blobs,
    quota: Arc<Quota>,
    /// One lock for each upload that was used since the start, with the progress that need not be computed again.
    slots: Mutex<HashMap<UploadId, Slot>>,
}

/// An upload with exclusive access.
pub(super) struct Upload {
    id: UploadId,
    slot: OwnedMutexGuard<Option<Progress>>,
    spool: Spool,
}

impl Upload {
    /// The number of bytes received.
    pub(super) fn received(&self) -> u64 {
        self.spool.received()
    }
}

impl Sessions {
    /// The uploads in a directory.
    pub(super) fn new(directory: PathBuf, blobs: Blobs, quota: Arc<Quota>) -> Self {
        Self { directory, blobs, quota, slots: Mutex::default() }
    }

    /// Starts an upload.
    pub(super) async fn start(&self) -> Result<UploadId, ApiError> {
        self.quota.add_file()?;
        let directory = self.directory.clone();
        let file = spawn_blocking(move || {
            let file = tempfile::Builder::new().prefix("").rand_bytes(UploadId::LENGTH).tempfile_in(directory)?;
            file.into_temp_path().keep().map_err(io::Error::from)
        });
        match file.await.map_err(io::Error::from).flatten() {
            Ok(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or_default().parse(),
            Err(error) => {
                self.quota.remove_file(0);
                Err(error.into())
            }
        }
    }

    /// Gives a request exclusive access to an upload.
    ///
    /// The file is opened only once the lock is held: another request may have just turned it into a blob.
    pub(super) async fn open(&self, id: &UploadId) -> Result<Upload, ApiError> {
        let slot = Arc::clone(self.slots().entry(id.clone()).or_default());
        let mut slot = tokio::time::timeout(WAIT, slot.lock_owned()).await.map_err(|_| {
            ApiError::new(Code::BlobUploadInvalid, "another request is writing to this upload")
                .with_status(StatusCode::CONFLICT)
        })?;
        let (path, known) = (self.path(id), slot.take());
        match spawn_blocking(move || Spool::open(&path, known)).await.map_err(io::Error::from).flatten() {
            Ok(spool) => Ok(Upload { id: id.clone(), slot, spool }),
            Err(error) => {
                self.slots().remove(id);
                Err(if error.kind() == io::ErrorKind::NotFound { unknown_upload() } else { error.into() })
            }
        }
    }

    /// Appends a body to an upload. Received bytes are kept even if the body ends early, which is an error
    /// nevertheless. An upload that can't be written is deleted: it takes room that others need, and could not go on.
    pub(super) async fn receive(&self, upload: Upload, body: Body) -> Result<Upload, ApiError> {
        let Upload { id, slot, spool } = upload;
        let (spool, ended) = match spool.receive(body, &self.quota).await {
            Ok(received) => received,
            Err(failed) => {
                self.give_up(&id).await;
                return Err(match failed {
                    WriteError::Full => self.quota.full(),
                    WriteError::Disk(error) => error.into(),
                });
            }
        };
        let upload = Upload { id, slot, spool };
        match ended {
            Ended::Whole => Ok(upload),
            Ended::Early => {
                self.pause(upload);
                Err(ApiError::new(Code::BlobUploadInvalid, "the connection ended before the body did"))
            }
        }
    }

    /// Releases an upload for a later request.
    pub(super) fn pause(&self, upload: Upload) {
        let Upload { mut slot, spool, .. } = upload;
        *slot = Some(spool.pause());
    }

    /// Turns an upload into a blob. An upload with another digest is deleted, since resuming can't repair it.
    pub(super) async fn finish(&self, upload: Upload, digest: &Digest) -> Result<(), ApiError> {
        let Upload { id, slot: _slot, spool } = upload;
        let (path, blobs, expected) = (self.path(&id), self.blobs.clone(), digest.clone());
        let received = spool.received();
        let computed = spawn_blocking(move || {
            let (file, computed) = spool.finish();
            if computed == expected {
                blobs.adopt(&file, &path, &expected)?;
            } else {
                std::fs::remove_file(&path)?;
            }
            Ok::<_, io::Error>(computed)
        });
        let computed = match computed.await.map_err(io::Error::from).flatten() {
            Ok(computed) => computed,
            Err(error) => {
                self.give_up(&id).await;
                return Err(error.into());
            }
        };
        self.slots().remove(&id);
        if computed == *digest {
            return Ok(());
        }
        self.quota.remove_file(received);
        Err(mismatch(digest, &computed))
    }

    /// Cancels an upload.
    pub(super) async fn cancel(&self, upload: Upload) -> Result<(), ApiError> {
        self.remove(&upload.id).await
    }

    /// Deletes an upload's file, while its lock is held.
    async fn remove(&self, id: &UploadId) -> Result<(), ApiError> {
        let path = self.path(id);
        let removed = spawn_blocking(move || {
            let size = std::fs::metadata(&path)?.len();
            std::fs::remove_file(&path).map(|()| size)
        });
        self.quota.remove_file(removed.await.map_err(io::Error::from).flatten()?);
        self.slots().remove(id);
        Ok(())
    }

    /// Deletes what there is of an upload that failed. A disk that nothing can be deleted from either keeps it until it
    /// is swept.
    async fn give_up(&self, id: &UploadId) {
        if let Err(error) = self.remove(id).await {
            tracing::debug!("an upload that failed was not deleted: {}", error.message());
            self.slots().remove(id);
        }
    }

    /// Deletes the uploads that were not touched for a day. Blocks.
    pub(super) fn sweep(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.directory)? {
            let entry = entry?;
            let Ok(metadata) = entry.metadata() else { continue };
            let age = metadata.modified().ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age > KEEP) {
                std::fs::remove_file(entry.path())?;
                self.quota.remove_file(metadata.len());
            }
        }
        // An upload without a file needs no lock, unless a request holds it.
        self.slots().retain(|id, slot| Arc::strong_count(slot) > 1 || self.path(id).exists());
        Ok(())
    }

    fn path(&self, id: &UploadId) -> PathBuf {
        self.directory.join(id.as_str())
    }

    fn slots(&self) -> parking_lot::MutexGuard<'_, HashMap<UploadId, Slot>> {
        // Every operation leaves the map consistent, so a panic of another thread does not matter.
        self.slots.lock()
    }
}
