//! The cores that compress, shared by all layers of a push.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::method::Compression;
use crate::push::stop::Stop;

/// Most blocks of one layer that are compressed or wait for their turn: enough for the cores of today's build machines,
/// and a bound of the memory on larger ones.
const MAX_IN_FLIGHT: usize = 8;

/// Compresses blocks, as many at once as there are cores.
#[derive(Clone)]
pub(in crate::push) struct CompressionPool {
    permits: Arc<Semaphore>,
    cores: usize,
    compression: Compression,
}

impl CompressionPool {
    /// All cores of this machine.
    pub(in crate::push) fn new(compression: Compression) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { permits: Arc::new(Semaphore::new(cores)), cores, compression }
    }

    /// The compression.
    pub(in crate::push) fn compression(&self) -> Compression {
        self.compression
    }

    /// The blocks of one layer that may be in the pool at once: one for each core, and one that is ready.
    pub(super) fn blocks_in_flight(&self) -> usize {
        (self.cores + 1).min(MAX_IN_FLIGHT)
    }

    /// Compresses a block when a core is free.
    pub(super) async fn compress(self, block: Bytes, compression: Compression) -> Result<Bytes, Stop> {
        // Never closed, and so always granted.
        let permits = Arc::clone(&self.permits);
        let _permit = permits.acquire().await;
        match tokio::task::spawn_blocking(move || compression.block(block)).await {
            Ok(compressed) => compressed.map_err(|reason| Stop::Encoder(reason.to_string())),
            Err(panicked) => Err(Stop::Encoder(panicked.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_block_that_the_encoder_refuses_is_a_failure_of_the_encoder() {
        // No level of libdeflate.
        let none = Compression::Gzip(99);
        let stopped = CompressionPool::new(none).compress(Bytes::from_static(b"block"), none).await.unwrap_err();
        assert!(matches!(stopped, Stop::Encoder(reason) if reason.contains("level")));
    }
}
