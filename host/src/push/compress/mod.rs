//! Compression of layers: in independent blocks of 1 MiB, on all cores, in order.
//!
//! The result does not depend on the number of threads, and the blocks in flight bound the memory. Every byte is hashed
//! once as it is read and once as it is sent: the diff id on the reading thread, the blob's digest while other threads
//! compress the next blocks.

mod block;
mod held;
mod levels;
mod method;
mod pace;
mod pool;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;

use super::fan_out::FanOut;
use super::stop::Stop;
use crate::image::{Descriptor, Digest, Hasher};
use crate::source::{Content, SourceError};
pub(super) use levels::Levels;
pub(crate) use method::Compression;
use pace::Pace;
pub(super) use pool::CompressionPool;

/// A compressed layer.
pub(super) struct Compressed {
    /// The digest of its uncompressed bytes.
    pub(super) diff_id: Digest,
    /// The blob that it became.
    pub(super) blob: Descriptor,
}

/// Compresses a layer and sends the result block by block.
pub(super) async fn compress(
    mut content: Content,
    pool: &CompressionPool,
    levels: &Levels,
    read: impl Fn(u64),
    fan_out: &mut FanOut,
) -> Result<Compressed, Stop> {
    let compression = pool.compression();
    // An archive that is sent as it is has been hashed while it was read.
    let hasher = (compression != Compression::None).then(Hasher::new);
    let mut output = Output { hasher, size: 0, fan_out, levels, pace: Pace::new(Instant::now()) };
    let mut in_flight = FuturesOrdered::new();
    let mut number = 0;
    while let Some(block) = content.next().await {
        let block = block.map_err(|error| Stop::Source(Arc::new(error)))?;
        read(block.len() as u64);
        let of_block = levels.of_block(number);
        number += 1;
        if output.hasher.is_none() {
            output.send(block).await?;
            continue;
        }
        in_flight.push_back(tokio::spawn(pool.clone().compress(block, of_block)));
        while in_flight.len() >= pool.blocks_in_flight() {
            output.take(in_flight.next().await).await?;
        }
    }
    while !in_flight.is_empty() {
        output.take(in_flight.next().await).await?;
    }
    if number == 0 {
        // A layer without bytes is still a valid file of its compression.
        let block = compression.block(Bytes::new()).map_err(|reason| Stop::Encoder(reason.to_string()))?;
        output.send(block).await?;
    }
    let unfinished = || Stop::Source(Arc::new(SourceError::Thread("a layer ended without its digest".into())));
    let diff_id = content.digest().await.ok_or_else(unfinished)?;
    let digest = output.hasher.map_or_else(|| diff_id.clone(), Hasher::finish);
    let blob = Descriptor::new(compression.media_type(), digest, output.size);
    Ok(Compressed { diff_id, blob })
}

/// The compressed blocks on their way to the requests.
struct Output<'a> {
    /// `None` if the bytes are not compressed: their digest is the diff id.
    hasher: Option<Hasher>,
    size: u64,
    fan_out: &'a mut FanOut,
    /// Are told what holds up the layer.
    levels: &'a Levels,
    pace: Pace,
}

/// A block from the pool's task.
type Block = Option<Result<Result<Bytes, Stop>, tokio::task::JoinError>>;

impl Output<'_> {
    async fn take(&mut self, block: Block) -> Result<(), Stop> {
        match block {
            Some(Ok(bytes)) => self.send(bytes?).await,
            Some(Err(panicked)) => Err(Stop::Encoder(panicked.to_string())),
            None => Ok(()),
        }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Stop> {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&bytes);
        }
        self.size += bytes.len() as u64;
        let start = Instant::now();
        self.fan_out.send(bytes).await?;
        let now = Instant::now();
        if let Some(limit) = self.pace.add(now - start, now) {
            self.levels.adapt(limit);
        }
        Ok(())
    }
}
