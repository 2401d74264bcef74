//! Content from another machine: what a stream gives, passed on in blocks.

use bytes::BytesMut;
use futures_util::StreamExt as _;

use super::{BlockStream, Writer};

/// Least size of a block of a stream, in bytes. What a connection gives at once has some KiB, and passing on many such
/// pieces costs more than gathering them.
const GATHERED_BYTES: usize = 256 << 10;

impl Writer {
    /// Sends all that a stream gives, and the digest. Stops early if the receiver is gone, even while it waits.
    pub(super) async fn relay(mut self, mut stream: BlockStream) {
        let mut gathered = BytesMut::new();
        loop {
            let next = tokio::select! {
                next = stream.next() => next,
                () = self.blocks.closed() => return,
            };
            let (block, ended) = match next {
                Some(Ok(block)) if gathered.is_empty() && block.len() >= GATHERED_BYTES => (block, None),
                Some(Ok(block)) => {
                    gathered.extend_from_slice(&block);
                    if gathered.len() < GATHERED_BYTES {
                        continue;
                    }
                    (gathered.split().freeze(), None)
                }
                Some(Err(error)) => (gathered.split().freeze(), Some(Err(error))),
                None => (gathered.split().freeze(), Some(Ok(()))),
            };
            if let Some(hasher) = &mut self.hasher {
                hasher.update(&block);
            }
            if !block.is_empty() && self.blocks.send(Ok(block)).await.is_err() {
                return;
            }
            if let Some(ended) = ended {
                let (blocks, ended) = (self.blocks.clone(), ended.and_then(|()| self.conclude()));
                if let Err(error) = ended {
                    let _ = blocks.send(Err(error)).await;
                }
                return;
            }
        }
    }
}
