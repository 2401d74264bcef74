//! gzip by libdeflate's fastest level, in blocks that all cores compress.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use libdeflater::{CompressionLvl, Compressor};
use ring::digest::{Context, SHA256};

use super::documents::{Sent, digest};
use super::http::Registry;
use crate::failure::{Failure, Result};

/// Bytes of a block.
const BLOCK: usize = 1 << 20;

/// Blocks of one layer that are compressed or wait.
const AHEAD: usize = 4;

/// A block, and where it goes when it is compressed.
type Job = (Vec<u8>, SyncSender<Vec<u8>>);

/// Threads that compress, one for each core.
pub(super) struct Compressors {
    jobs: SyncSender<Job>,
}

impl Compressors {
    /// Runs some work with them.
    pub(super) fn with<T>(work: impl FnOnce(&Self) -> T) -> T {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            let (jobs, queue) = sync_channel::<Job>(cores);
            let queue = Arc::new(Mutex::new(queue));
            for _ in 0..cores {
                let queue = Arc::clone(&queue);
                scope.spawn(move || compress(&queue));
            }
            work(&Self { jobs })
        })
    }

    /// Compresses a layer and sends it; its diff id has to be right.
    pub(super) fn send(&self, mut layer: impl Read, diff_id: &str, registry: &Registry) -> Result<Sent> {
        let (mut plain, mut packed, mut size) = (Context::new(&SHA256), Context::new(&SHA256), 0);
        let mut connection = registry.connect()?;
        let location = connection.start()?;
        let mut chunks = connection.patch(&location)?;
        let mut ahead: VecDeque<Receiver<Vec<u8>>> = VecDeque::new();
        let mut is_read = false;
        loop {
            while !is_read && ahead.len() < AHEAD {
                let mut block = Vec::with_capacity(BLOCK);
                let read = layer.by_ref().take(BLOCK as u64).read_to_end(&mut block);
                read.map_err(|error| Failure::new(format!("a layer can't be read: {error}")))?;
                is_read = block.len() < BLOCK;
                plain.update(&block);
                let (done, result) = sync_channel(1);
                self.jobs.send((block, done)).map_err(|_| Failure::new("nothing compresses"))?;
                ahead.push_back(result);
            }
            let Some(next) = ahead.pop_front() else { break };
            let block = next.recv().map_err(|_| Failure::new("a block was not compressed"))?;
            packed.update(&block);
            size += block.len() as u64;
            chunks.send(&block)?;
        }
        let location = chunks.end()?;
        let found = digest(plain);
        if found != diff_id {
            return Err(Failure::new(format!("a layer is `{found}`, and not `{diff_id}`")));
        }
        let digest = digest(packed);
        connection.finish(&location, &digest)?;
        Ok(Sent { digest, size })
    }
}

/// Compresses blocks until no more come, each to a member of its own (RFC 1952, section 2.2).
fn compress(queue: &Mutex<Receiver<Job>>) {
    // What the library calls its fastest level, 0, compresses nothing.
    let level = CompressionLvl::new(1).unwrap_or_default();
    let mut compressor = Compressor::new(level);
    loop {
        let job = queue.lock().map(|queue| queue.recv());
        let Ok(Ok((block, done))) = job else { return };
        let mut packed = vec![0; compressor.gzip_compress_bound(block.len())];
        let Ok(length) = compressor.gzip_compress(&block, &mut packed) else { return };
        packed.truncate(length);
        // Who waits for it may have failed.
        let _ = done.send(packed);
    }
}
