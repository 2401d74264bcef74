//! The file of one upload, which grows at its end, and the digest of its content.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::task::{JoinError, spawn_blocking};

use super::quota::Quota;
use crate::image::{Digest, Hasher};

/// Bytes that are gathered for one write. Large enough that the hop to a blocking thread costs nothing, small enough
/// that a hundred uploads at once, with two batches each, stay within 200 MiB.
const BATCH: usize = 1024 * 1024;

/// Pieces that are gathered for one write, for clients that send tiny ones: each piece has a cost of its own.
const BATCH_PIECES: usize = 1024;

/// How long a client may send nothing. A connection that died silently must release its upload at some time, so that
/// the client can resume it; the value is nginx's `client_body_timeout`.
const IDLE: Duration = Duration::from_secs(60);

/// The received part of an upload. Its length is that of the file, which survives a kill.
pub(super) struct Spool {
    file: File,
    hasher: Hasher,
    received: u64,
}

/// The state of the hasher, kept between two requests so that the file need not be read again.
pub(super) struct Progress {
    hasher: Hasher,
    received: u64,
}

/// Why a body could not be written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// The data directory has reached its limit.
    Full,
    /// The disk.
    Disk(io::Error),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<JoinError> for WriteError {
    fn from(error: JoinError) -> Self {
        Self::Disk(error.into())
    }
}

/// How a request's body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Complete.
    Whole,
    /// The connection dropped or fell silent; the bytes before that are kept.
    Early,
}

impl Spool {
    /// Opens an upload's file for appending. Blocks; reads the file again unless `known` matches its length.
    pub(super) fn open(path: &Path, known: Option<Progress>) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        let length = file.metadata()?.len();
        if let Some(Progress { hasher, received }) = known
            && received == length
        {
            return Ok(Self { file, hasher, received });
        }
        let mut hasher = Hasher::new();
        let mut received = 0;
        let mut buffer = vec![0; BATCH];
        loop {
            let count = file.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
            received = add(received, count);
        }
        Ok(Self { file, hasher, received })
    }

    /// The number of bytes received.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Appends a body, hashing and writing one batch while the next one arrives.
    pub(super) async fn receive(self, body: Body, quota: &Arc<Quota>) -> Result<(Self, Ended), WriteError> {
        let mut pieces = body.into_data_stream();
        let mut batch = Vec::new();
        let mut size = 0;
        let mut writing = spawn_blocking(|| Ok(self));
        let ended = loop {
            match tokio::time::timeout(IDLE, pieces.next()).await {
                Ok(Some(Ok(piece))) => {
                    size += piece.len();
                    batch.push(piece);
                }
                Ok(None) => break Ended::Whole,
                Ok(Some(Err(_))) | Err(_) => break Ended::Early,
            }
            if size >= BATCH || batch.len() >= BATCH_PIECES {
                let (spool, full) = (writing.await??, std::mem::take(&mut batch));
                let quota = Arc::clone(quota);
                writing = spawn_blocking(move || spool.append(&full, &quota));
                size = 0;
            }
        };
        let spool = writing.await??;
        let quota = Arc::clone(quota);
        let spool = spawn_blocking(move || spool.append(&batch, &quota)).await??;
        Ok((spool, ended))
    }

    fn append(mut self, batch: &[Bytes], quota: &Quota) -> Result<Self, WriteError> {
        let size = batch.iter().fold(0, |sum, bytes| add(sum, bytes.len()));
        if !quota.reserve(size) {
            return Err(WriteError::Full);
        }
        let end = self.received.saturating_add(size);
        for bytes in batch {
            if let Err(error) = self.file.write_all(bytes) {
                // A full disk takes a part of a piece, which counts as long as the file is there.
                let length = self.file.metadata().map_or(self.received, |file| file.len());
                quota.release(end.saturating_sub(length));
                return Err(error.into());
            }
            self.hasher.update(bytes);
            self.received = add(self.received, bytes.len());
        }
        Ok(self)
    }

    /// Closes the file until the next request.
    pub(super) fn pause(self) -> Progress {
        Progress { hasher: self.hasher, received: self.received }
    }

    /// The file, and the digest of its whole content.
    pub(super) fn finish(self) -> (File, Digest) {
        (self.file, self.hasher.finish())
    }
}

fn add(received: u64, count: usize) -> u64 {
    received.saturating_add(u64::try_from(count).unwrap_or(u64::MAX))
}
