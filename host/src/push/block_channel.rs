//! The way from the encoded blocks of a layer to the request that carries its bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream, Peekable};
use tokio::sync::mpsc;

use super::error::PushError;
use super::fan_out::FanOut;
use super::stop::Stop;
use crate::source::Content;
use crate::waiting::waiting_for;

/// The receiving end: the blocks of a blob, without the bytes that the registry has already.
pub(super) struct Blocks {
    receiver: mpsc::Receiver<Bytes>,
    skip: u64,
    /// Called with the length of each block, whether it is left out or not.
    count: Box<dyn Fn(u64) + Send>,
}

impl Blocks {
    /// All blocks of a blob but its first `skip` bytes.
    pub(super) fn new(receiver: mpsc::Receiver<Bytes>, skip: u64, count: impl Fn(u64) + Send + 'static) -> Self {
        Self { receiver, skip, count: Box::new(count) }
    }

    /// The next bytes to send.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let mut block = self.receiver.recv().await?;
            (self.count)(block.len() as u64);
            let skipped = usize::try_from(self.skip).map_or(block.len(), |skip| skip.min(block.len()));
            block.advance(skipped);
            self.skip -= skipped as u64;
            if !block.is_empty() {
                return Some(block);
            }
        }
    }
}

/// Passes on a layer's blocks unchanged.
pub(super) async fn forward(mut content: Content, read: impl Fn(u64), fan_out: &mut FanOut) -> Result<(), Stop> {
    while let Some(block) = content.next().await {
        let block = block.map_err(|error| Stop::Source(Arc::new(error)))?;
        read(block.len() as u64);
        fan_out.send(block).await?;
    }
    Ok(())
}

/// Breaks a request's body off if its encoding fails: a body that just ended could be taken for a complete one.
pub(super) struct Abort(mpsc::Sender<()>);

impl Abort {
    /// Runs the encoding.
    pub(super) async fn watch<T>(self, encoding: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        let result = encoding.await;
        if result.is_err() {
            let _ = self.0.send(()).await;
        }
        result
    }
}

/// The body of one request.
pub(super) type Body = Peekable<BoxStream<'static, io::Result<Bytes>>>;

/// Blocks as the body of one request.
pub(super) fn body(blocks: Blocks) -> (Abort, Body) {
    let (sender, failed) = mpsc::channel(1);
    let body = stream::unfold((blocks, failed), |(mut blocks, mut failed)| async move {
        match blocks.next().await {
            Some(block) => Some((Ok(block), (blocks, failed))),
            // The encoding has ended: it either reports a failure now, or drops its end of the channel.
            None => {
                let failure = failed.recv().await;
                failure.map(|()| (Err(io::Error::other("the source failed")), (blocks, failed)))
            }
        }
    });
    (Abort(sender), body.boxed().peekable())
}

/// Waits for the first bytes of a body, or its end.
pub(super) async fn ready(body: &mut Body) {
    let _waiting = waiting_for("the image's source");
    Pin::new(body).peek().await;
}

/// The result of an encoding and the request that carried its bytes: of two failures, the one that caused the other.
pub(super) fn settle<T>(encoded: Result<T, Stop>, sent: Result<(), PushError>) -> Result<T, PushError> {
    match (encoded, sent) {
        (Err(Stop::Source(error)), _) => Err(PushError::Source(error)),
        (Err(Stop::Encoder(reason)), _) => Err(PushError::Encoder(reason.into())),
        (Err(Stop::Behind), _) => Err(PushError::Behind),
        (_, Err(error)) => Err(error),
        (Err(Stop::ReceiverGone), Ok(())) => Err(PushError::EarlyAnswer),
        (Ok(value), Ok(())) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::distribution;
    use crate::source::SourceError;

    #[tokio::test]
    async fn bytes_that_the_registry_has_are_not_sent_again() {
        let pieces = ["abc", "defg", "h"];
        for from in 0..=9 {
            let (sender, receiver) = mpsc::channel(2);
            let mut rest = Blocks::new(receiver, from, drop);
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

    #[tokio::test]
    async fn a_body_is_ready_with_its_first_bytes_and_keeps_them() {
        let (sender, receiver) = mpsc::channel(2);
        let (_abort, mut body) = body(Blocks::new(receiver, 2, drop));
        assert!(ready(&mut body).now_or_never().is_none());
        sender.send(Bytes::from_static(b"ab")).await.unwrap();
        assert!(ready(&mut body).now_or_never().is_none());
        sender.send(Bytes::from_static(b"cd")).await.unwrap();
        ready(&mut body).await;
        assert_eq!(body.next().await.unwrap().unwrap(), "cd");
    }

    #[test]
    fn an_error_of_the_encoder_or_the_registry_is_told_as_its_own() {
        let network = || PushError::Distribution(distribution::Error::Setup("no network".into()));
        let source = || Stop::Source(Arc::new(SourceError::Thread("no disk".into())));
        let encoder = || Stop::Encoder("no memory".to_owned());
        for (encoded, sent, told) in [
            (source(), Err(network()), "no disk"),
            (source(), Ok(()), "no disk"),
            (encoder(), Err(network()), "a layer can't be compressed: no memory"),
            (encoder(), Ok(()), "a layer can't be compressed: no memory"),
            (Stop::ReceiverGone, Err(network()), "no network"),
            (Stop::ReceiverGone, Ok(()), "before all of its bytes were sent"),
            (Stop::Behind, Err(network()), "more slowly than the others"),
        ] {
            let error = settle::<()>(Err(encoded), sent).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        assert!(settle(Ok(()), Err(network())).is_err() && settle(Ok(()), Ok(())).is_ok());
    }
}
