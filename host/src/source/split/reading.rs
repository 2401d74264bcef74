//! The bytes of layers on a thread that may block.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};

use crate::image::{Digest, Hasher};
use crate::source::content::Content;
use crate::source::error::SourceError;
use crate::source::feed::Item;
use crate::source::inflate;

/// A layer as its reader gives it.
pub(super) struct Archive {
    content: Option<Content>,
    is_blob: bool,
}

impl Archive {
    /// The layer of an item. A configuration is none, and reads as an empty one.
    pub(super) fn of(item: Item) -> Self {
        match item {
            Item::Blob(_, content) => Self { content: Some(content), is_blob: true },
            Item::Tar(content) => Self { content: Some(content), is_blob: false },
            Item::Config(_) => Self { content: None, is_blob: false },
        }
    }

    /// Its uncompressed bytes.
    ///
    /// # Errors
    /// If the first of them can't be read.
    pub(super) fn open(self) -> io::Result<Box<dyn Read>> {
        let blocks = Blocks { content: self.content, block: Bytes::new() };
        match self.is_blob {
            true => inflate::uncompressed(blocks),
            false => Ok(Box::new(blocks)),
        }
    }
}

/// The digest of a layer's first block. The block stays in the content.
pub(super) async fn head(content: &mut Content) -> Result<Digest, SourceError> {
    Ok(Digest::of(&content.peek().await?))
}

/// Reads the blocks of a content.
struct Blocks {
    content: Option<Content>,
    block: Bytes,
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.is_empty() {
            match self.content.as_mut().and_then(Content::blocking_next) {
                Some(block) => self.block = block.map_err(io::Error::other)?,
                None => return Ok(0),
            }
        }
        let read = self.block.len().min(buffer.len());
        if let Some(room) = buffer.get_mut(..read) {
            self.block.copy_to_slice(room);
        }
        Ok(read)
    }
}

/// Hashes what is read.
pub(super) struct Hashed<R> {
    reader: R,
    hasher: Hasher,
}

impl<R: Read> Hashed<R> {
    /// Hashes what a reader gives.
    pub(super) fn new(reader: R) -> Self {
        Self { reader, hasher: Hasher::new() }
    }

    /// The digest of all that was read.
    pub(super) fn finish(self) -> Digest {
        self.hasher.finish()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
