//! The bytes of one layer on their way: blocks from a reading thread, hashed as they pass.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::error::SourceError;
use crate::image::{Digest, Hasher};

/// Bytes that are read at once. Compression works on blocks of this size; a block is the unit of memory in flight.
const BLOCK_BYTES: usize = 1 << 20;

/// Blocks that wait between the reading thread and whoever takes them.
const BLOCKS_AHEAD: usize = 2;

/// Blocks of 1 MiB, the last one shorter, and at their end the digest of all. Where the digest was known before,
/// other bytes end in an error instead of an end; of a blob that is sent as it is stored, whoever gets it finds that out.
pub(crate) struct Content {
    /// How many bytes there are; of a compressed layer, how many are stored; of an unpacked one, how many are in its files.
    pub(crate) size: u64,
    blocks: mpsc::Receiver<Result<Bytes, SourceError>>,
    digest: oneshot::Receiver<Digest>,
    origin: Option<Origin>,
}

/// Where content can be read again from its first byte on, as often as that is needed.
#[derive(Clone)]
pub(crate) struct Origin {
    size: u64,
    expected: Digest,
    is_proved: bool,
    open: Arc<dyn Fn() -> io::Result<Box<dyn Read>> + Send + Sync>,
}

/// The reading thread's end of a [`Content`].
pub(super) struct Writer {
    blocks: mpsc::Sender<Result<Bytes, SourceError>>,
    digest: oneshot::Sender<Digest>,
}

/// Content of `size` bytes that comes by once, and the end that it is written to.
pub(super) fn channel(size: u64) -> (Writer, Content) {
    let (block_sender, blocks) = mpsc::channel(BLOCKS_AHEAD);
    let (digest_sender, digest) = oneshot::channel();
    (Writer { blocks: block_sender, digest: digest_sender }, Content { size, blocks, digest, origin: None })
}

impl Content {
    /// Reads on a thread of its own what can be opened at any time.
    pub(super) fn spawn(
        size: u64,
        expected: Digest,
        open: impl Fn() -> io::Result<Box<dyn Read>> + Send + Sync + 'static,
    ) -> Self {
        Origin { size, expected, is_proved: true, open: Arc::new(open) }.read()
    }

    /// The same of a blob that goes to a registry under its digest: the registry proves it (OCI distribution specification,
    /// "Pushing blobs"), so that it is not hashed here as well.
    pub(super) fn spawn_unproved(
        size: u64,
        expected: Digest,
        open: impl Fn() -> io::Result<Box<dyn Read>> + Send + Sync + 'static,
    ) -> Self {
        Origin { size, expected, is_proved: false, open: Arc::new(open) }.read()
    }

    /// Where it can be had again; none where it comes by once.
    #[must_use]
    pub(crate) fn origin(&self) -> Option<Origin> {
        self.origin.clone()
    }

    /// The next block.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, SourceError>> {
        self.blocks.recv().await
    }

    /// The digest of all bytes, once the blocks have come to their end; none if they ended in an error, or were not hashed.
    pub(crate) async fn digest(self) -> Option<Digest> {
        self.digest.await.ok()
    }
}

impl Origin {
    /// The content, from the start.
    #[must_use]
    pub(crate) fn read(&self) -> Content {
        let (writer, content) = channel(self.size);
        let Self { expected, open, is_proved, .. } = self.clone();
        tokio::task::spawn_blocking(move || match open() {
            Ok(mut reader) if is_proved => writer.copy(&mut reader, Some(&expected)),
            Ok(mut reader) => drop(writer.send_blocks(&mut reader, |_| {})),
            Err(reason) => writer.fail(reason.into()),
        });
        Content { origin: Some(self.clone()), ..content }
    }

    /// Reads all of it to prove it, where that was left to a registry that refused it.
    ///
    /// # Errors
    /// When it can't be read, or is not what its digest says.
    pub(crate) async fn prove(&self) -> Result<(), SourceError> {
        let mut content = Self { is_proved: true, ..self.clone() }.read();
        while let Some(block) = content.next().await {
            block?;
        }
        Ok(())
    }
}

impl Writer {
    /// Reads to the end. Stops early when nobody takes the blocks any more; the reader is where it is then.
    pub(super) fn copy(self, reader: &mut dyn Read, expected: Option<&Digest>) {
        let mut hasher = Hasher::new();
        let Some(writer) = self.send_blocks(reader, |block| hasher.update(block)) else { return };
        let actual = hasher.finish();
        match expected {
            Some(expected) if *expected != actual => {
                writer.fail(SourceError::Digest { expected: expected.clone(), actual });
            }
            _ => {
                let _ = writer.digest.send(actual);
            }
        }
    }

    /// Sends block by block what a reader gives; none where that came to no end.
    fn send_blocks(self, reader: &mut dyn Read, mut pass: impl FnMut(&Bytes)) -> Option<Self> {
        loop {
            match read_block(reader) {
                Ok(block) if block.is_empty() => return Some(self),
                Ok(block) => {
                    pass(&block);
                    self.blocks.blocking_send(Ok(block)).ok()?;
                }
                Err(reason) => {
                    self.fail(reason.into());
                    return None;
                }
            }
        }
    }

    /// Ends in an error; nobody may be there to see it.
    pub(super) fn fail(self, error: SourceError) {
        let _ = self.blocks.blocking_send(Err(error));
    }
}

/// A whole block, or what is left.
fn read_block(reader: &mut dyn Read) -> io::Result<Bytes> {
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    reader.take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
    Ok(block.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn drain(mut content: Content) -> Result<(usize, Option<Digest>), SourceError> {
        let mut bytes = 0;
        while let Some(block) = content.next().await {
            bytes += block?.len();
        }
        Ok((bytes, content.digest().await))
    }

    #[tokio::test]
    async fn content_comes_whole_as_often_as_it_is_read_and_tells_its_digest() {
        let data = vec![7; 3 * BLOCK_BYTES + 5];
        let digest = Digest::of(&data);
        let open = move || Ok(Box::new(io::Cursor::new(data.clone())) as Box<dyn Read>);
        let content = Content::spawn(3 * BLOCK_BYTES as u64 + 5, digest.clone(), open);
        let origin = content.origin().unwrap();
        for content in [content, origin.read(), origin.read()] {
            assert_eq!(drain(content).await.unwrap(), (3 * BLOCK_BYTES + 5, Some(digest.clone())));
        }
    }

    #[tokio::test]
    async fn other_bytes_than_promised_end_in_an_error() {
        let content = Content::spawn(3, Digest::of(b"abc"), || Ok(Box::new(io::Cursor::new(b"abd"))));
        assert!(matches!(drain(content).await, Err(SourceError::Digest { .. })));
    }

    #[tokio::test]
    async fn what_others_prove_can_be_proved_afterwards() {
        for (bytes, is_whole) in [(b"abc", true), (b"abd", false)] {
            let content = Content::spawn_unproved(3, Digest::of(b"abc"), move || Ok(Box::new(io::Cursor::new(bytes))));
            let origin = content.origin().unwrap();
            assert_eq!(drain(content).await.unwrap(), (3, None));
            assert_eq!(origin.prove().await.is_ok(), is_whole);
        }
    }
}
