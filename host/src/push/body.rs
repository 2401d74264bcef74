//! One layer's bytes between whoever makes them and the request that carries them.

use std::io;

use bytes::{Buf as _, Bytes};
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

use super::compress::Stop;
use super::error::PushError;
use crate::source::{Content, SourceError};

/// Blocks that wait for the network.
const BLOCKS_AHEAD: usize = 2;

/// The blocks of a blob, without the bytes that the registry has already.
pub(super) struct Blocks {
    receiver: mpsc::Receiver<Bytes>,
    skip: u64,
}

/// Blocks from byte number `from` on, and the end that all blocks are to be sent to.
pub(super) fn blocks(from: u64) -> (mpsc::Sender<Bytes>, Blocks) {
    let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
    (sender, Blocks { receiver, skip: from })
}

impl Blocks {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut block = self.receiver.recv().await?;
            let skipped = usize::try_from(self.skip).map_or(block.len(), |skip| skip.min(block.len()));
            block.advance(skipped);
            self.skip -= skipped as u64;
            if !block.is_empty() {
                return Some(block);
            }
        }
    }
}

/// Passes a layer's blocks on as they are.
pub(super) async fn forward(mut content: Content, read: impl Fn(u64), sender: mpsc::Sender<Bytes>) -> Result<(), Stop> {
    while let Some(block) = content.next().await {
        let block = block.map_err(Stop::Source)?;
        read(block.len() as u64);
        sender.send(block).await.map_err(|_| Stop::Unheard)?;
    }
    Ok(())
}

/// Breaks a request's body off when its source fails: a body that just ended could be taken for a whole one.
pub(super) struct Abort(mpsc::Sender<()>);

impl Abort {
    pub(super) async fn watch<T>(self, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        let result = work.await;
        if result.is_err() {
            let _ = self.0.send(()).await;
        }
        result
    }
}

/// Blocks as the body of one request.
pub(super) fn body(blocks: Blocks) -> (Abort, impl Stream<Item = io::Result<Bytes>> + Send + 'static) {
    let (sender, failed) = mpsc::channel(1);
    let body = stream::unfold((blocks, failed), |(mut blocks, mut failed)| async move {
        match blocks.next().await {
            Some(block) => Some((Ok(block), (blocks, failed))),
            // No more blocks: the source has either said that it failed, or let go of both ends.
            None => {
                let failure = failed.recv().await;
                failure.map(|()| (Err(io::Error::other("the source failed")), (blocks, failed)))
            }
        }
    });
    (Abort(sender), body)
}

/// Of a failing source and a failing registry, whichever was the cause: a source that stopped because nobody listened was not.
pub(super) fn settle<T>(read: Result<T, Stop>, sent: Result<(), PushError>) -> Result<T, PushError> {
    match (read, sent) {
        (Err(Stop::Source(error)), _) => Err(error.into()),
        (_, Err(error)) => Err(error),
        (Ok(value), Ok(())) => Ok(value),
        (Err(Stop::Unheard), Ok(())) => Err(SourceError::Thread("nobody took the bytes".to_owned()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_registry_has_is_not_sent_again() {
        let pieces = ["abc", "defg", "h"];
        for from in 0..=9 {
            let (sender, mut rest) = blocks(from);
            let sending = async {
                for piece in pieces {
                    sender.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
                }
                drop(sender);
            };
            let receiving = async {
                let mut all = Vec::new();
                while let Some(block) = rest.next().await {
                    all.extend(block);
                }
                all
            };
            let ((), received) = tokio::join!(sending, receiving);
            let expected: Vec<u8> = "abcdefgh".bytes().skip(from.try_into().unwrap()).collect();
            assert_eq!(received, expected, "from {from}");
        }
    }
}
