//! Compression of layers: in independent blocks of 1 MiB, on all cores, in order.
//!
//! The result is the same whatever the number of threads, and memory is bounded by the blocks in flight. Every byte is hashed
//! once as it is read and once as it is sent, each on the way: the diff id on the reading thread, the blob's digest while
//! other threads compress the next blocks.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use tokio::sync::{Semaphore, mpsc};

use super::compression::Compression;
use crate::image::{Descriptor, Digest, Hasher};
use crate::source::{Content, SourceError};

/// Blocks of one layer that are compressed or wait for their turn: enough for the cores of today's build machines.
const MAX_IN_FLIGHT: usize = 8;

/// Cores to compress on, shared by all layers of a push, and what they do.
#[derive(Clone)]
pub(super) struct Cores {
    permits: Arc<Semaphore>,
    count: usize,
    compression: Compression,
}

/// A layer that was compressed.
pub(super) struct Compressed {
    /// The digest of its uncompressed bytes.
    pub(super) diff_id: Digest,
    /// What it became.
    pub(super) blob: Descriptor,
}

/// Why a layer was not compressed to its end.
pub(super) enum Stop {
    /// The source failed.
    Source(SourceError),
    /// Nobody takes the bytes any more.
    Unheard,
}

impl Cores {
    /// All cores of this machine.
    pub(super) fn all(compression: Compression) -> Self {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { permits: Arc::new(Semaphore::new(count)), count, compression }
    }

    async fn compress(self, block: Bytes) -> Result<Bytes, SourceError> {
        // Never closed, so always granted.
        let permits = Arc::clone(&self.permits);
        let _permit = permits.acquire().await;
        match tokio::task::spawn_blocking(move || self.compression.block(block)).await {
            Ok(compressed) => compressed.map_err(uncompressible),
            Err(panicked) => Err(SourceError::Thread(panicked.to_string())),
        }
    }
}

/// Compresses a layer and sends the result block by block.
pub(super) async fn compress(
    mut content: Content,
    cores: &Cores,
    read: impl Fn(u64),
    sender: mpsc::Sender<Bytes>,
) -> Result<Compressed, Stop> {
    let compression = cores.compression;
    // An archive that is sent as it is has been hashed where it was read.
    let hasher = (compression != Compression::None).then(Hasher::new);
    let mut output = Output { hasher, size: 0, sender };
    let mut in_flight = FuturesOrdered::new();
    let room = (cores.count + 1).min(MAX_IN_FLIGHT);
    let mut empty = true;
    while let Some(block) = content.next().await {
        let block = block.map_err(Stop::Source)?;
        read(block.len() as u64);
        empty = false;
        if output.hasher.is_none() {
            output.send(block).await?;
            continue;
        }
        in_flight.push_back(tokio::spawn(cores.clone().compress(block)));
        while in_flight.len() >= room {
            output.take(in_flight.next().await).await?;
        }
    }
    while !in_flight.is_empty() {
        output.take(in_flight.next().await).await?;
    }
    if empty {
        // A layer of no bytes is still a file of its kind.
        let nothing = compression.block(Bytes::new()).map_err(|reason| Stop::Source(uncompressible(reason)))?;
        output.send(nothing).await?;
    }
    let diff_id = content.digest().await.ok_or(Stop::Unheard)?;
    let digest = output.hasher.map_or_else(|| diff_id.clone(), Hasher::finish);
    let blob = Descriptor::new(compression.media_type(), digest, output.size);
    Ok(Compressed { diff_id, blob })
}

struct Output {
    hasher: Option<Hasher>,
    size: u64,
    sender: mpsc::Sender<Bytes>,
}

type Member = Option<Result<Result<Bytes, SourceError>, tokio::task::JoinError>>;

impl Output {
    async fn take(&mut self, member: Member) -> Result<(), Stop> {
        match member {
            Some(Ok(bytes)) => self.send(bytes.map_err(Stop::Source)?).await,
            Some(Err(panicked)) => Err(Stop::Source(SourceError::Thread(panicked.to_string()))),
            None => Ok(()),
        }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Stop> {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes);
        }
        self.size += bytes.len() as u64;
        self.sender.send(bytes).await.map_err(|_| Stop::Unheard)
    }
}

fn uncompressible(reason: std::io::Error) -> SourceError {
    SourceError::Thread(format!("a block could not be compressed: {reason}"))
}
