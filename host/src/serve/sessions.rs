//! Uploads under way: who may write to which, and which are left over.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use ferro_oci_server::{OciError, OciErrorCode};
use tokio::sync::OwnedMutexGuard;
use tokio::task::spawn_blocking;

use super::blobs::Blobs;
use super::registry::{internal, mismatch};
use super::spool::{Ended, Progress, Spool};
use crate::image::Digest;

/// Random characters in an id: more than enough to never meet twice, and no secret.
const ID_LENGTH: usize = 32;

/// How long a request waits for another one on the same upload: the time that the last batch of a dropped connection
/// takes to reach even a slow disk.
const WAIT: Duration = Duration::from_secs(10);

/// How long an upload may lie untouched before its file is deleted: a day, for pushes that are resumed tomorrow.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// The id of an upload, which is also its file's name: letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct UploadId(String);

impl UploadId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UploadId {
    type Err = OciError;

    fn from_str(text: &str) -> Result<Self, OciError> {
        let valid = text.len() == ID_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid { Ok(Self(text.to_owned())) } else { Err(unknown()) }
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Progress>>>;

/// The uploads under way, each a file named by its id: a dropped connection, a restart or a kill keep what arrived.
pub(super) struct Sessions {
    folder: PathBuf,
    blobs: Blobs,
    /// One lock for each upload that was touched since the start, with what need not be read again from its file.
    slots: Mutex<HashMap<UploadId, Slot>>,
}

/// An upload that this request alone may change.
pub(super) struct Upload {
    id: UploadId,
    slot: OwnedMutexGuard<Option<Progress>>,
    spool: Spool,
}

impl Upload {
    /// How many bytes it has.
    pub(super) fn received(&self) -> u64 {
        self.spool.received()
    }
}

impl Sessions {
    pub(super) fn new(folder: PathBuf, blobs: Blobs) -> Self {
        Self { folder, blobs, slots: Mutex::default() }
    }

    /// Begins an upload.
    pub(super) async fn start(&self) -> Result<UploadId, OciError> {
        let folder = self.folder.clone();
        let file = spawn_blocking(move || {
            let file = tempfile::Builder::new().prefix("").rand_bytes(ID_LENGTH).tempfile_in(folder)?;
            file.into_temp_path().keep().map_err(io::Error::from)
        });
        let path = file.await.map_err(internal)?.map_err(internal)?;
        path.file_name().and_then(|name| name.to_str()).unwrap_or_default().parse()
    }

    /// Takes an upload for this request alone.
    ///
    /// The file is opened only once the lock is held: another request may have just made a blob of it.
    pub(super) async fn open(&self, id: &UploadId) -> Result<Upload, OciError> {
        let slot = Arc::clone(self.slots().entry(id.clone()).or_default());
        let mut slot = tokio::time::timeout(WAIT, slot.lock_owned()).await.map_err(|_| {
            OciError::new(OciErrorCode::BlobUploadInvalid, "another request is writing to this upload")
                .with_status(StatusCode::CONFLICT)
        })?;
        let (path, known) = (self.path(id), slot.take());
        match spawn_blocking(move || Spool::open(&path, known)).await.map_err(internal)? {
            Ok(spool) => Ok(Upload { id: id.clone(), slot, spool }),
            Err(error) => {
                self.slots().remove(id);
                Err(if error.kind() == io::ErrorKind::NotFound { unknown() } else { internal(error) })
            }
        }
    }

    /// Adds a body to an upload. What arrived is kept even where it ends early, which is an error nevertheless.
    pub(super) async fn receive(&self, upload: Upload, body: Body) -> Result<Upload, OciError> {
        let Upload { id, slot, spool } = upload;
        let (spool, ended) = spool.receive(body).await.map_err(internal)?;
        let upload = Upload { id, slot, spool };
        match ended {
            Ended::Whole => Ok(upload),
            Ended::Early => {
                self.pause(upload);
                Err(OciError::new(OciErrorCode::BlobUploadInvalid, "the connection ended before the body did"))
            }
        }
    }

    /// Leaves an upload for a later request.
    pub(super) fn pause(&self, upload: Upload) {
        let Upload { mut slot, spool, .. } = upload;
        *slot = Some(spool.pause());
    }

    /// Makes a blob of an upload. One that is not what the digest says is deleted, since no resuming can mend it.
    pub(super) async fn finish(&self, upload: Upload, digest: &Digest) -> Result<(), OciError> {
        let Upload { id, slot: _slot, spool } = upload;
        let (path, blobs, expected) = (self.path(&id), self.blobs.clone(), digest.clone());
        let computed = spawn_blocking(move || {
            let (file, computed) = spool.finish();
            if computed == expected {
                blobs.adopt(&file, &path, &expected)?;
            } else {
                std::fs::remove_file(&path)?;
            }
            Ok::<_, io::Error>(computed)
        });
        let computed = computed.await.map_err(internal)?.map_err(internal)?;
        self.slots().remove(&id);
        if computed == *digest { Ok(()) } else { Err(mismatch(digest, &computed)) }
    }

    /// Gives an upload up.
    pub(super) async fn cancel(&self, upload: Upload) -> Result<(), OciError> {
        tokio::fs::remove_file(self.path(&upload.id)).await.map_err(internal)?;
        self.slots().remove(&upload.id);
        Ok(())
    }

    /// Deletes the uploads that nobody has touched for a day. Blocks.
    pub(super) fn sweep(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age > KEEP) {
                std::fs::remove_file(entry.path())?;
            }
        }
        // What holds no file any more needs no lock, unless a request has it in its hands.
        self.slots().retain(|id, slot| Arc::strong_count(slot) > 1 || self.path(id).exists());
        Ok(())
    }

    fn path(&self, id: &UploadId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<UploadId, Slot>> {
        // The map is whole after every single operation on it, whatever happened to the thread after that.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unknown() -> OciError {
    OciError::new(OciErrorCode::BlobUploadUnknown, "there is no such upload; it may have ended or been given up")
}
