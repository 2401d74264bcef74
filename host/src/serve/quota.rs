//! The size of the data directory, and its limit: nothing that was pushed is ever deleted, so that a program in a loop
//! would fill the disk.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, StatusCode, header};

use super::api_error::{ApiError, Code};
use super::data_directory::DataDirectory;

/// Bytes that a file counts besides its content: a block and an inode, so that empty files have an end as well.
const FILE: u64 = 4096;
/// Most bytes of manifests and tags, which are all in memory, and are written anew with each push.
const MAX_METADATA: u64 = 256 * 1024 * 1024;

/// The bytes of blobs and uploads, at most a limit together with the manifests.
#[derive(Debug)]
pub(super) struct Quota {
    limit: u64,
    used: AtomicU64,
}

impl Quota {
    /// The quota of a data directory, with what is in it already.
    pub(super) fn of(data: &DataDirectory, limit: u64) -> io::Result<Self> {
        let mut used = 0_u64;
        let mut directories = vec![data.blobs(), data.uploads()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory)? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                if metadata.is_dir() {
                    directories.push(entry.path());
                } else {
                    used = used.saturating_add(cost(metadata.len()));
                }
            }
        }
        Ok(Self { limit, used: AtomicU64::new(used) })
    }

    /// Counts a new, empty file.
    pub(super) fn add_file(&self) -> Result<(), ApiError> {
        if self.reserve(FILE) { Ok(()) } else { Err(self.full()) }
    }

    /// Counts bytes that are about to be written; `false` if they are too many.
    pub(super) fn reserve(&self, bytes: u64) -> bool {
        let add = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
    }

    /// Counts bytes no more that were reserved and not written.
    pub(super) fn release(&self, bytes: u64) {
        let subtract = |used: u64| Some(used.saturating_sub(bytes));
        // The closure refuses nothing.
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
    }

    /// Counts a file of so many bytes no more.
    pub(super) fn remove_file(&self, bytes: u64) {
        self.release(cost(bytes));
    }

    /// Refuses a request whose announced body has no room, before any of it is read.
    pub(super) fn expect_room(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let room = self.limit.saturating_sub(self.used.load(Ordering::Relaxed));
        if length.is_some_and(|length| length > room) { Err(self.full()) } else { Ok(()) }
    }

    /// Refuses a manifest of so many bytes where there is no room for it beside the file of all others.
    pub(super) fn expect_room_for_manifest(&self, metadata: &Path, bytes: usize) -> Result<(), ApiError> {
        let written = match std::fs::metadata(metadata) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        let after = written.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if after > MAX_METADATA {
            let message = format!("manifests and tags may take {MAX_METADATA} bytes, and there is no room for more");
            return Err(ApiError::new(Code::Denied, message).with_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        if self.used.load(Ordering::Relaxed).saturating_add(after) > self.limit { Err(self.full()) } else { Ok(()) }
    }

    /// The error for what has no room below the limit. Not 507, which says that the disk is full, and passes when
    /// somebody makes room there.
    pub(super) fn full(&self) -> ApiError {
        let message = format!(
            "the registry is full: it may keep {} bytes; remove its data directory, or start it with a larger \
             `--max-size`",
            self.limit
        );
        ApiError::new(Code::Denied, message).with_status(StatusCode::PAYLOAD_TOO_LARGE)
    }
}

/// The bytes that a file counts.
fn cost(bytes: u64) -> u64 {
    bytes.saturating_add(FILE)
}
