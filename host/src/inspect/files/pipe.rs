//! Bytes from a task that downloads them to a thread that reads them.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc;

/// Blocks that wait for the reader, of which a connection gives some kilobytes each and a file a megabyte.
const BLOCKS_AHEAD: usize = 4;

/// The reading end. Where the writing end is gone, the bytes end.
pub(super) struct Pipe {
    blocks: mpsc::Receiver<Bytes>,
    block: Bytes,
}

/// The two ends.
pub(super) fn pipe() -> (mpsc::Sender<Bytes>, Pipe) {
    let (sender, blocks) = mpsc::channel(BLOCKS_AHEAD);
    (sender, Pipe { blocks, block: Bytes::new() })
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.block.is_empty() {
            match self.blocks.blocking_recv() {
                Some(block) => self.block = block,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.block.len());
        self.block.split_to(count).copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        Ok(count)
    }
}
