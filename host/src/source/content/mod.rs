//! The bytes of one layer: blocks from a reading thread, or from another machine, hashed as they pass.

mod buffer;
mod relay;

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::{mpsc, oneshot};

use self::buffer::read_block;
use super::error::SourceError;
use crate::image::{Digest, Hasher};

/// Size of a block in bytes. Compression works on blocks of this size, and a block is the unit of memory in flight.
const BLOCK_BYTES: usize = 1 << 20;

/// Blocks that wait between the reading thread and the receiver, while the next is read.
const BLOCKS_AHEAD: usize = 1;

/// A layer's bytes in blocks of about 1 MiB at most, the last one shorter, and at the end their digest.
pub(crate) struct Content {
    /// The number of bytes: those that are stored, for a compressed layer; those of its files, for an unpacked one.
    pub(crate) size: u64,
    /// The digest that the bytes must have, where it is known before they are read.
    pub(crate) expected: Option<Digest>,
    /// A block that was looked at.
    ahead: Option<Bytes>,
    blocks: mpsc::Receiver<Result<Bytes, SourceError>>,
    digest: oneshot::Receiver<Digest>,
    origin: Option<Origin>,
}

/// Where content can be read from its first byte on, as often as needed.
#[derive(Clone)]
pub(crate) struct Origin {
    size: u64,
    expected: Digest,
    verifies: bool,
    open: Open,
    rescue: Option<Arc<Rescue>>,
}

/// Opens the bytes of a layer.
#[derive(Clone)]
enum Open {
    /// For a thread that reads them.
    Reader(Arc<OpenReader>),
    /// For a task that receives them.
    Stream(Arc<dyn Fn() -> BlockStream + Send + Sync>),
}

/// Opens a file or the like.
type OpenReader = dyn Fn() -> io::Result<Box<dyn Read>> + Send + Sync;

/// A layer's bytes from another machine, in pieces of any size.
pub(crate) type BlockStream = BoxStream<'static, Result<Bytes, SourceError>>;

/// Takes over from a reading thread that can't go on. It runs on that thread, and may block.
type Rescue = dyn Fn(Interrupted) + Send + Sync;

/// The reading thread's end of a [`Content`].
pub(super) struct Writer {
    blocks: mpsc::Sender<Result<Bytes, SourceError>>,
    digest: oneshot::Sender<Digest>,
    /// `None` if the receiver verifies the bytes.
    hasher: Option<Hasher>,
    /// The digest that the bytes must have.
    expected: Option<Digest>,
    /// Bytes that were sent.
    written: u64,
}

/// A reading that failed before the end.
pub(super) struct Interrupted {
    /// May go on with another reader of the same content.
    pub(super) writer: Writer,
    /// The reader's error.
    pub(super) reason: io::Error,
}

/// Content of `size` bytes that is read only once, and the end that it is written to. With an `expected` digest, other
/// bytes end in an error.
pub(super) fn channel(size: u64, expected: Option<Digest>) -> (Writer, Content) {
    let (block_sender, blocks) = mpsc::channel(BLOCKS_AHEAD);
    let (digest_sender, digest) = oneshot::channel();
    let hasher = Some(Hasher::new());
    let content = Content { size, expected: expected.clone(), ahead: None, blocks, digest, origin: None };
    (Writer { blocks: block_sender, digest: digest_sender, hasher, expected, written: 0 }, content)
}

impl Content {
    /// Reads it again; `None` if it can be read only once.
    #[must_use]
    pub(crate) fn origin(&self) -> Option<Origin> {
        self.origin.clone()
    }

    /// The next block.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, SourceError>> {
        match self.ahead.take() {
            Some(block) => Some(Ok(block)),
            None => self.blocks.recv().await,
        }
    }

    /// The next block, on a thread that may block.
    pub(super) fn blocking_next(&mut self) -> Option<Result<Bytes, SourceError>> {
        match self.ahead.take() {
            Some(block) => Some(Ok(block)),
            None => self.blocks.blocking_recv(),
        }
    }

    /// Looks at the next block, which stays the next one; empty at the end. Fails if it can't be read.
    pub(super) async fn peek(&mut self) -> Result<Bytes, SourceError> {
        if let Some(block) = self.next().await {
            self.ahead = Some(block?);
        }
        Ok(self.ahead.clone().unwrap_or_default())
    }

    /// The digest of all bytes, after the last block; `None` if they ended in an error, or were not hashed.
    pub(crate) async fn digest(self) -> Option<Digest> {
        self.digest.await.ok()
    }
}

#[cfg(test)]
impl Content {
    /// All bytes.
    pub(super) async fn whole(mut self) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        while let Some(block) = self.next().await {
            bytes.extend(block?);
        }
        Ok(bytes)
    }
}

impl Origin {
    /// Content of `size` bytes, which are verified to have the `expected` digest.
    pub(super) fn new(
        size: u64,
        expected: Digest,
        open: impl Fn() -> io::Result<Box<dyn Read>> + Send + Sync + 'static,
    ) -> Self {
        Self { size, expected, verifies: true, open: Open::Reader(Arc::new(open)), rescue: None }
    }

    /// The same from another machine.
    pub(crate) fn of_stream(
        size: u64,
        expected: Digest,
        open: impl Fn() -> BlockStream + Send + Sync + 'static,
    ) -> Self {
        Self { size, expected, verifies: true, open: Open::Stream(Arc::new(open)), rescue: None }
    }

    /// The digest of all bytes.
    pub(crate) fn expected(&self) -> &Digest {
        &self.expected
    }

    /// Leaves it to the receiver to verify the digest. A registry does so with every blob (OCI distribution
    /// specification, "Pushing blobs"), and hashing costs as much as reading.
    pub(super) fn unverified(self) -> Self {
        Self { verifies: false, ..self }
    }

    /// Has `rescue` called when the bytes can't be read to their end. Without it, the content ends in the error.
    #[cfg(target_os = "linux")]
    pub(super) fn rescued_by(self, rescue: impl Fn(Interrupted) + Send + Sync + 'static) -> Self {
        Self { rescue: Some(Arc::new(rescue)), ..self }
    }

    /// Reads the content from the start, on a thread or in a task of its own.
    #[must_use]
    pub(crate) fn read(&self) -> Content {
        let Self { size, expected, verifies, open, rescue } = self.clone();
        let (mut writer, content) = channel(size, Some(expected));
        if !verifies {
            (writer.hasher, writer.expected) = (None, None);
        }
        match open {
            Open::Reader(open) => drop(tokio::task::spawn_blocking(move || {
                let copied = match open() {
                    Ok(mut reader) => writer.copy(&mut reader),
                    Err(reason) => Err(Box::new(Interrupted { writer, reason })),
                };
                match (copied, rescue) {
                    (Ok(()), _) => {}
                    (Err(interrupted), Some(rescue)) => rescue(*interrupted),
                    (Err(interrupted), None) => interrupted.fail(),
                }
            })),
            Open::Stream(open) => drop(tokio::spawn(writer.relay(open()))),
        }
        Content { origin: Some(self.clone()), ..content }
    }

    /// Reads all of it to verify the digest, after a registry refused the bytes.
    ///
    /// # Errors
    /// If it can't be read, or has another digest.
    pub(crate) async fn verify(&self) -> Result<(), SourceError> {
        let mut content = Self { verifies: true, ..self.clone() }.read();
        while let Some(block) = content.next().await {
            block?;
        }
        Ok(())
    }
}

impl Writer {
    /// Sends all that a reader gives, and the digest. Stops early if the receiver is gone.
    ///
    /// # Errors
    /// If reading fails. A receiver that is gone is no failure.
    pub(super) fn copy(mut self, reader: &mut dyn Read) -> Result<(), Box<Interrupted>> {
        loop {
            match read_block(reader, BLOCK_BYTES) {
                Ok(block) if block.is_empty() => break,
                Ok(block) => {
                    if let Some(hasher) = &mut self.hasher {
                        hasher.update(&block);
                    }
                    self.written += block.len() as u64;
                    if self.blocks.blocking_send(Ok(block)).is_err() {
                        return Ok(());
                    }
                }
                Err(reason) => return Err(Box::new(Interrupted { writer: self, reason })),
            }
        }
        self.finish();
        Ok(())
    }

    /// Goes on with another reader of the same content, from its start.
    ///
    /// # Errors
    /// As for [`copy`](Self::copy).
    #[cfg(target_os = "linux")]
    pub(super) fn resume(self, reader: &mut dyn Read) -> Result<(), Box<Interrupted>> {
        match io::copy(&mut (&mut *reader).take(self.written), &mut io::sink()) {
            Ok(_) => self.copy(reader),
            Err(reason) => Err(Box::new(Interrupted { writer: self, reason })),
        }
    }

    /// Whether the receiver is gone.
    #[cfg(target_os = "linux")]
    pub(super) fn is_abandoned(&self) -> bool {
        self.blocks.is_closed()
    }

    fn finish(self) {
        let blocks = self.blocks.clone();
        if let Err(error) = self.conclude() {
            let _ = blocks.blocking_send(Err(error));
        }
    }

    /// Tells the digest after the last block.
    fn conclude(self) -> Result<(), SourceError> {
        let Some(actual) = self.hasher.map(Hasher::finish) else { return Ok(()) };
        match self.expected {
            Some(expected) if expected != actual => Err(SourceError::Digest { expected, actual }),
            _ => {
                // A receiver that is gone does not ask.
                let _ = self.digest.send(actual);
                Ok(())
            }
        }
    }

    /// Ends in an error, which a receiver that is gone does not see.
    pub(super) fn fail(self, error: SourceError) {
        let _ = self.blocks.blocking_send(Err(error));
    }
}

impl Interrupted {
    /// Ends the content in the reader's error.
    pub(super) fn fail(self) {
        self.writer.fail(self.reason.into());
    }
}

#[cfg(test)]
mod tests;
