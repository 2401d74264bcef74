//! The parts of one layer, read from its archive one after the other.

use std::io::{self, Cursor, Read};

use super::allocation::{Allocation, END, LargeFile, Place};
use super::entries::{Entries, Entry};
use crate::image::{Digest, Hasher};

/// A part of a layer: an archive by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its digest.
    pub(super) diff_id: Digest,
    /// Its bytes.
    pub(super) size: u64,
    /// The entries at its end that come later in the layer.
    tail: Vec<u8>,
}

/// What a first reading of a layer finds out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Its parts; one alone for a layer that stays as it is.
    pub(super) parts: Vec<Part>,
    /// The largest file that is larger than a part should be.
    pub(super) largest: Option<LargeFile>,
}

/// Reads the parts of an archive. The bytes that it gives end with each part, without its tail and its end.
struct Parts<R> {
    entries: Entries<R>,
    allocation: Allocation,
    /// What is given next.
    pending: Cursor<Vec<u8>>,
    /// Bytes of content behind that.
    content: u64,
    /// The beginning of the next part.
    next: Option<(Vec<u8>, u64)>,
    is_at_end: bool,
}

/// Reads a whole archive, to find out its parts of at most `size` bytes.
///
/// # Errors
/// If it can't be read; with `Whole` where it can't be split.
pub(super) fn scan(archive: impl Read, size: u64) -> io::Result<Scan> {
    let mut parts = Parts::new(archive, size);
    let mut bodies = Vec::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let (mut hasher, mut bytes) = (Hasher::new(), 0);
        loop {
            match parts.read(&mut block)? {
                0 => break,
                read => {
                    hasher.update(block.get(..read).unwrap_or_default());
                    bytes += read as u64;
                }
            }
        }
        bodies.push((hasher, bytes));
        if !parts.begin_next() {
            break;
        }
    }
    let (tails, largest) = parts.finish()?;
    let part = |((mut hasher, bytes), tail): ((Hasher, u64), Vec<u8>)| {
        hasher.update(&tail);
        hasher.update(&[0; END]);
        Part { diff_id: hasher.finish(), size: bytes + tail.len() as u64 + END as u64, tail }
    };
    Ok(Scan { parts: bodies.into_iter().zip(tails).map(part).collect(), largest })
}

/// Reads an archive again and gives each of its parts to `take`, until that wants no more.
///
/// # Errors
/// If it can't be read on after a part. An error within a part is that of its reader.
pub(super) fn give(
    archive: impl Read,
    size: u64,
    parts: &[Part],
    mut take: impl FnMut(&Part, &mut dyn Read) -> bool,
) -> io::Result<()> {
    let mut bodies = Parts::new(archive, size);
    for part in parts {
        let end = Cursor::new(&part.tail).chain(Cursor::new([0; END]));
        if !take(part, &mut bodies.by_ref().chain(end)) {
            return Ok(());
        }
        // A receiver that is gone leaves some of it.
        io::copy(&mut bodies, &mut io::sink())?;
        bodies.begin_next();
    }
    Ok(())
}

impl<R: Read> Parts<R> {
    /// At the beginning of the first part.
    fn new(archive: R, size: u64) -> Self {
        let (entries, allocation) = (Entries::new(archive), Allocation::new(size));
        Self { entries, allocation, pending: Cursor::default(), content: 0, next: None, is_at_end: false }
    }

    /// Goes to the next part, when the one before was read to its end; `false` after the last one.
    fn begin_next(&mut self) -> bool {
        let Some((headers, content)) = self.next.take() else { return false };
        (self.pending, self.content) = (Cursor::new(headers), content);
        true
    }

    /// Finds the next entry of this part; `false` at its end.
    fn advance(&mut self) -> io::Result<bool> {
        if self.next.is_some() || self.is_at_end {
            return Ok(false);
        }
        loop {
            let Some(entry) = self.entries.next()? else {
                self.is_at_end = true;
                return Ok(false);
            };
            let place = self.allocation.place(&entry)?;
            let Entry { headers, stored, .. } = entry;
            match place {
                Place::Earlier => {}
                Place::Here(parents) => {
                    (self.pending, self.content) = (Cursor::new([parents, headers].concat()), stored);
                    return Ok(true);
                }
                Place::New(parents) => {
                    self.next = Some(([parents, headers].concat(), stored));
                    return Ok(false);
                }
            }
        }
    }

    /// Reads what is behind the last entry, so that the layer's digest is known, and gives the tails and the largest
    /// file.
    fn finish(mut self) -> io::Result<(Vec<Vec<u8>>, Option<LargeFile>)> {
        io::copy(self.entries.archive(), &mut io::sink())?;
        Ok(self.allocation.finish())
    }
}

impl<R: Read> Read for Parts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.pending.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if self.content > 0 {
                let read = self.entries.archive().take(self.content).read(buffer)?;
                if read == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.content = self.content.saturating_sub(read as u64);
                return Ok(read);
            }
            if !self.advance()? {
                return Ok(0);
            }
        }
    }
}
