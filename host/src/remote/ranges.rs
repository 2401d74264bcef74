//! A large blob over several connections, where one is slow: a line far away, or a registry that limits each
//! connection, gives more to several. On a fast network they would only take turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::part::Part;
use crate::distribution::RepositoryClient;
use crate::image::Descriptor;
use crate::source::{BlockStream, SourceError};

/// Bytes after which the rate of the first connection is known: beyond the slow start of TCP on most lines.
const MEASURED: u64 = 8 << 20;

/// Bytes of a range. A round trip before each is short against its time, and few of them fit in memory.
const RANGE: u64 = 2 << 20;

/// Least bytes that are left for which further connections are opened: enough for two ranges on each of four.
const WORTHWHILE: u64 = 8 * RANGE;

/// Bytes per second of all blobs together from which on the line is fast: nearly what one of 1 Gbit/s takes.
const FAST: u64 = 100_000_000;

/// Further connections of one blob; a fourth gives little more on most lines.
const FURTHER: usize = 3;

/// Bytes of a range that are passed on at once: those who wait for them count blocks, and not their bytes.
const PIECE: usize = 256 << 10;

/// The connections to one repository.
pub(super) struct Line {
    /// Those that are free for further ranges.
    further: Arc<Semaphore>,
    /// Blobs that come now, each over a connection of its own at least.
    blobs: AtomicUsize,
}

/// A blob on its way.
struct Download {
    repository: RepositoryClient,
    line: Arc<Line>,
    blob: Descriptor,
    /// The first connection, from where the blob's bytes come until it is known to be slow.
    part: Part,
    /// Bytes that came over it, and the time that they took.
    measured: Option<(u64, Duration)>,
    /// Ranges on their way, in their order.
    ahead: Option<Ahead>,
}

/// Ranges that are read at once.
struct Ahead {
    ranges: BoxStream<'static, Result<Option<Bytes>, SourceError>>,
    /// The rest of the range that is passed on.
    rest: Bytes,
    _connections: OwnedSemaphorePermit,
}

/// A blob's bytes from number `from` on.
pub(super) fn stream(repository: RepositoryClient, line: Arc<Line>, blob: &Descriptor, from: u64) -> BlockStream {
    let part = Part::new(repository.clone(), blob.digest.clone(), blob.size, from, blob.size);
    let measured = Some((0, Duration::ZERO));
    let download = Download::new(repository, line, blob.clone(), part, measured);
    let next = |mut download: Download| async move { Ok(download.next().await?.map(|bytes| (bytes, download))) };
    stream::try_unfold(download, next).boxed()
}

impl Line {
    /// So many connections for further ranges, and no blob yet.
    pub(super) fn new(further: usize) -> Self {
        Self { further: Arc::new(Semaphore::new(further)), blobs: AtomicUsize::new(0) }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.line.blobs.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Download {
    fn new(
        repository: RepositoryClient,
        line: Arc<Line>,
        blob: Descriptor,
        part: Part,
        measured: Option<(u64, Duration)>,
    ) -> Self {
        line.blobs.fetch_add(1, Ordering::Relaxed);
        Self { repository, line, blob, part, measured, ahead: None }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, SourceError> {
        if let Some(ahead) = &mut self.ahead {
            match ahead.next().await {
                Some(Ok(Some(piece))) => {
                    self.part.go_to(self.part.at() + piece.len() as u64);
                    return Ok(Some(piece));
                }
                None => return Ok(None),
                // The first connection goes on alone, and tells its own failure.
                Some(Ok(None) | Err(_)) => self.ahead = None,
            }
        }
        let asked = Instant::now();
        let bytes = self.part.next().await?;
        if let Some(bytes) = &bytes {
            self.measure(bytes.len() as u64, asked.elapsed());
        }
        Ok(bytes)
    }

    /// Takes bytes into account, and opens further connections when the line turns out to be slow. Where several blobs
    /// share it, each has a part of its rate.
    fn measure(&mut self, bytes: u64, took: Duration) {
        let Some((before, passed)) = self.measured else { return };
        let (bytes, passed) = (before + bytes, passed + took);
        self.measured = Some((bytes, passed));
        if bytes < MEASURED {
            return;
        }
        self.measured = None;
        let all = bytes.saturating_mul(self.line.blobs.load(Ordering::Relaxed) as u64);
        if is_slow(all, passed) && self.blob.size - self.part.at() >= WORTHWHILE {
            self.ahead = self.open_further();
        }
    }

    fn open_further(&self) -> Option<Ahead> {
        let free = self.line.further.available_permits().min(FURTHER);
        let wanted = u32::try_from(free).ok().filter(|free| *free > 0)?;
        let connections = Arc::clone(&self.line.further).try_acquire_many_owned(wanted).ok()?;
        let (repository, digest, size) = (self.repository.clone(), self.blob.digest.clone(), self.blob.size);
        let ranges = ranges(self.part.at(), size)
            .map(move |(at, end)| Part::new(repository.clone(), digest.clone(), size, at, end).whole());
        tracing::debug!("blob {} comes over {} connections from now on", self.blob.digest, free + 1);
        let ranges = stream::iter(ranges).buffered(free + 1).boxed();
        Some(Ahead { ranges, rest: Bytes::new(), _connections: connections })
    }
}

impl Ahead {
    /// The next piece of a range; `Some(Ok(None))` where a range is not to be had, `None` at the end.
    async fn next(&mut self) -> Option<Result<Option<Bytes>, SourceError>> {
        if self.rest.is_empty() {
            match self.ranges.next().await? {
                Ok(Some(range)) => self.rest = range,
                failed => return Some(failed),
            }
        }
        Some(Ok(Some(self.rest.split_to(self.rest.len().min(PIECE)))))
    }
}

/// The ranges of a blob from one byte on, each its first byte and the one behind its last.
fn ranges(from: u64, size: u64) -> impl Iterator<Item = (u64, u64)> + Send {
    let start = move |at: &u64| (at + RANGE < size).then_some(at + RANGE);
    std::iter::successors((from < size).then_some(from), start).map(move |at| (at, (at + RANGE).min(size)))
}

/// Whether so many bytes in so long a time are fewer than a fast connection gives.
fn is_slow(bytes: u64, passed: Duration) -> bool {
    u128::from(bytes) * 1000 < u128::from(FAST) * passed.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::tests::fake::Registry;

    #[test]
    fn ranges_are_whole_and_do_not_overlap() {
        for (from, size) in [(0, 0), (5, 5), (0, 1), (7, RANGE + 7), (7, RANGE + 8), (1, 9 * RANGE + 3)] {
            let all: Vec<(u64, u64)> = ranges(from, size).collect();
            let mut at = from;
            for (start, end) in all {
                assert!(start == at && end > start && end - start <= RANGE);
                at = end;
            }
            assert_eq!(at, size);
        }
    }

    #[tokio::test]
    async fn a_blob_over_several_connections_is_the_same_and_over_one_where_ranges_are_ignored() {
        for honoured in [true, false] {
            let content: Bytes = (0..3 * RANGE + 5).map(|at| (at % 251) as u8).collect();
            let mut registry = Registry { ranges: honoured, ..Registry::default() };
            let blob = registry.blob("x", content.clone());
            let fake = registry.serve().await;
            let (repository, size) = (fake.repository.clone(), blob.size);
            let part = Part::new(repository.clone(), blob.digest.clone(), size, 7, size);
            let mut download = Download::new(repository, Arc::new(Line::new(2)), blob, part, None);
            download.ahead = download.open_further();
            assert!(download.ahead.is_some());
            let mut bytes = Vec::new();
            while let Some(block) = download.next().await.unwrap() {
                assert!(!honoured || block.len() <= PIECE);
                bytes.extend_from_slice(&block);
            }
            assert!(bytes == content[7..]);
        }
    }

    #[test]
    fn a_line_is_slow_below_a_gigabit() {
        assert!(is_slow(MEASURED, Duration::from_secs(1)));
        assert!(!is_slow(200_000_000, Duration::from_secs(1)));
        assert!(!is_slow(MEASURED, Duration::ZERO));
    }
}
