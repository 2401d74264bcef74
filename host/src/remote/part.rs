//! A part of a blob on its way: what breaks off is asked for again, from the first missing byte on.

use bytes::{Buf as _, Bytes};

use crate::distribution::{BlobBody, Error, RepositoryClient};
use crate::image::Digest;
use crate::retrying::{Backoff, RETRIES, describe, told_before};
use crate::source::{RemoteFailure, SourceError};

/// Bytes of one answer from which on its end is taken for an accident of the line, and the rest is asked for at once:
/// few enough that a line which breaks every second stays quick, and so many that a server which sends some bytes and
/// breaks off again and again is not asked without a pause.
const WORTH_AN_ANSWER: u64 = 256 << 10;

/// Bytes of a blob, from one number on and before another.
pub(super) struct Part {
    repository: RepositoryClient,
    digest: Digest,
    /// The number of the next byte.
    at: u64,
    end: u64,
    /// Bytes of the whole blob.
    size: u64,
    /// The answer that bytes come from.
    body: Option<Body>,
    backoff: Backoff,
    /// Bytes that came since the last request.
    moved: u64,
    /// Whether the registry is asked for ranges. One that refuses them is asked for the whole, whose start is dropped.
    ranges: bool,
}

/// An answer with a part of the blob.
struct Body {
    answer: BlobBody,
    /// Bytes that come before the first missing one.
    skip: u64,
}

impl Part {
    /// The part of a blob of `size` bytes from number `at` on and before `end`.
    pub(super) fn new(repository: RepositoryClient, digest: Digest, size: u64, at: u64, end: u64) -> Self {
        let (body, backoff, moved, ranges) = (None, Backoff::new(), 0, true);
        Self { repository, digest, at, end, size, body, backoff, moved, ranges }
    }

    /// The number of the next byte.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Goes on at another byte.
    pub(super) fn go_to(&mut self, at: u64) {
        if at != self.at {
            (self.at, self.body) = (at, None);
        }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// If the registry refuses, fails too often in a row, or has another number of bytes.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        while self.at < self.end {
            let body = match &mut self.body {
                Some(body) => body,
                None => match self.open().await {
                    Ok(body) => self.body.insert(body),
                    Err(error) => {
                        self.wait_after(error).await?;
                        continue;
                    }
                },
            };
            match body.answer.next().await {
                Some(Ok(bytes)) => {
                    let bytes = self.take(bytes);
                    if !bytes.is_empty() {
                        return Ok(Some(bytes));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    self.wait_after(error).await?;
                }
                // A server between may have cut it: as long as bytes come, the rest is asked for.
                None if self.moved > 0 => (self.body, self.moved) = (None, 0),
                None => return Err(self.other_size(self.at)),
            }
        }
        Ok(None)
    }

    /// All bytes of the part at once, if the registry sends such parts; `None` where it sends the whole blob instead.
    ///
    /// # Errors
    /// As for [`next`](Self::next).
    pub(super) async fn whole(mut self) -> Result<Option<Bytes>, SourceError> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.end - self.at).unwrap_or_default());
        while let Some(next) = self.next().await? {
            bytes.extend_from_slice(&next);
            if self.body.as_ref().is_some_and(|body| body.skip > 0) || !self.ranges {
                return Ok(None);
            }
        }
        Ok(Some(bytes.into()))
    }

    async fn open(&mut self) -> Result<Body, Error> {
        let to = (self.end < self.size).then_some(self.end);
        let asked =
            if self.ranges { self.repository.read_blob(&self.digest, self.at, to).await } else { self.all().await };
        let answer = match asked {
            // The registry, or the store behind it, takes no ranges.
            Err(error) if self.ranges && self.at > 0 && error.is_refusal_of_range() => {
                tracing::debug!("the whole blob is read again: {error}");
                self.ranges = false;
                self.all().await?
            }
            asked => asked?,
        };
        let skip = self.at.saturating_sub(answer.from);
        Ok(Body { answer, skip })
    }

    async fn all(&mut self) -> Result<BlobBody, Error> {
        self.repository.read_blob(&self.digest, 0, None).await
    }

    /// The bytes of a block that are wanted.
    fn take(&mut self, mut bytes: Bytes) -> Bytes {
        if let Some(body) = &mut self.body {
            let skipped = usize::try_from(body.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
            body.skip -= skipped as u64;
            bytes.advance(skipped);
        }
        bytes.truncate(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        self.at += bytes.len() as u64;
        self.moved += bytes.len() as u64;
        bytes
    }

    /// Waits before the next request.
    ///
    /// # Errors
    /// The failure, if another request can't mend it, or there were too many.
    async fn wait_after(&mut self, error: Error) -> Result<(), SourceError> {
        let moved = std::mem::take(&mut self.moved);
        if moved > 0 {
            self.backoff = Backoff::new();
        }
        if moved >= WORTH_AN_ANSWER && error.retry().is_possible() && error.retry().after().is_none() {
            tracing::info!(target: RETRIES, "going on at byte {}: {error}", self.at);
            return Ok(());
        }
        // A blob that is not there is in no moment either: nothing has just been sent.
        let wait = match error.retry().is_possible() && !error.is_not_found() {
            true => self.backoff.next(&error),
            false => None,
        };
        let Some(wait) = wait else { return Err(Box::new(RemoteFailure::of(&error)).into()) };
        match told_before(&error) {
            true => tracing::info!(target: RETRIES, "{}", describe(&error, wait)),
            false => tracing::warn!(target: RETRIES, "{}", describe(&error, wait)),
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn other_size(&self, actual: u64) -> SourceError {
        SourceError::Size { digest: self.digest.clone(), expected: self.size, actual }
    }
}
