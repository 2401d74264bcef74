//! The entries of a layer's tar archive as they are stored, each with the extension headers that belong to it.
//!
//! The headers are kept byte for byte (long names, extended attributes, maps of sparse files), so that what is split is
//! what was there. A field is read only where it decides into which part an entry goes.

use std::io::{self, Read};

use tar::Header;

use super::whole::Whole;

/// Size of a block in bytes (POSIX.1-1988 ustar): headers are whole blocks, and content is padded to such.
pub(super) const BLOCK: usize = 512;

/// Bytes of all headers of one entry: names have at most 4 KiB, and an extended attribute of Linux 64 KiB.
const MAX_HEADERS: usize = 1 << 20;

/// An entry, without its content.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its headers, those of extensions first.
    pub(super) headers: Vec<u8>,
    /// Its path, without `.` and slashes at either end.
    pub(super) path: Vec<u8>,
    /// Its kind, as far as a split has to know it.
    pub(super) kind: Kind,
    /// Bytes of content that follow the headers, with their padding.
    pub(super) stored: u64,
}

/// The kinds of entries that a split tells apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A directory.
    Directory,
    /// A file of a layer below that is deleted, or a directory whose content below is (OCI image specification,
    /// "Whiteouts").
    Whiteout,
    /// Another name of the file at this path of the layer.
    HardLink(Vec<u8>),
    /// Anything else.
    Other,
}

/// What extension headers say about the entry behind them.
#[derive(Default)]
struct Extensions {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads the entries of an archive.
pub(super) struct Entries<R> {
    archive: R,
}

impl<R: Read> Entries<R> {
    /// The entries of an uncompressed archive.
    pub(super) fn new(archive: R) -> Self {
        Self { archive }
    }

    /// The archive, to read the content of the last entry.
    pub(super) fn archive(&mut self) -> &mut R {
        &mut self.archive
    }

    /// The next entry, when the content of the one before was read; `None` at the end of the archive.
    ///
    /// # Errors
    /// If the archive can't be read, or with [`Whole`] if it is one that can't be split.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let (mut headers, mut extensions) = (Vec::new(), Extensions::default());
        loop {
            let Some(block) = self.block()? else { return Ok(None) };
            let header = checked(&block)?;
            headers.extend_from_slice(&block);
            let content = header.entry_size().map_err(|_| Whole::damaged())?;
            match header.entry_type().as_byte() {
                b'x' => extensions.read(&self.extension(content, &mut headers)?)?,
                b'L' => extensions.path = Some(until_nul(self.extension(content, &mut headers)?)),
                b'K' => extensions.link = Some(until_nul(self.extension(content, &mut headers)?)),
                b'g' => ensure_comment(&self.extension(content, &mut headers)?)?,
                kind => {
                    if kind == b'S' {
                        self.sparse_map(&block, &mut headers)?;
                    }
                    return entry(headers, header, extensions, content).map(Some);
                }
            }
        }
    }

    /// The next block; `None` at the end, which is a block of zeros or that of the file.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let (mut block, mut filled) = ([0; BLOCK], 0);
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.archive.read(rest) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(block).filter(|block| block.iter().any(|byte| *byte != 0)))
    }

    /// The content of an extension header, which is added to the headers with its padding.
    fn extension(&mut self, content: u64, headers: &mut Vec<u8>) -> io::Result<Vec<u8>> {
        let stored = padded(content);
        let room = MAX_HEADERS.saturating_sub(headers.len()) as u64;
        if stored > room {
            return Err(Whole::error("the headers of one of its files are too large"));
        }
        let mut bytes = Vec::new();
        self.archive.by_ref().take(stored).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != stored {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        headers.extend_from_slice(&bytes);
        bytes.truncate(usize::try_from(content).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    /// The blocks that continue the map of a sparse file (GNU tar, "Sparse Formats": old GNU format).
    fn sparse_map(&mut self, header: &[u8; BLOCK], headers: &mut Vec<u8>) -> io::Result<()> {
        let mut goes_on = header.get(482) == Some(&1);
        while goes_on {
            if headers.len() >= MAX_HEADERS {
                return Err(Whole::error("the headers of one of its files are too large"));
            }
            let mut block = [0; BLOCK];
            self.archive.read_exact(&mut block)?;
            headers.extend_from_slice(&block);
            goes_on = block.get(504) == Some(&1);
        }
        Ok(())
    }
}

/// The header in a block whose checksum is right: what is no header must not decide where an archive is cut.
fn checked(block: &[u8; BLOCK]) -> io::Result<&Header> {
    let header = Header::from_byte_slice(block);
    let is_own = |at: &usize| (148..156).contains(at);
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| if is_own(&at) { u32::from(b' ') } else { u32::from(*byte) }).sum();
    match header.cksum() {
        Ok(found) if found == sum => Ok(header),
        _ => Err(Whole::damaged()),
    }
}

fn entry(headers: Vec<u8>, header: &Header, extensions: Extensions, size: u64) -> io::Result<Entry> {
    let kind = header.entry_type().as_byte();
    let raw = extensions.path.unwrap_or_else(|| header.path_bytes().into_owned());
    let path = normal(&raw);
    // As Go's `archive/tar` reads it, with which engines unpack layers: such entries have no content, whatever size is
    // there, and a file with a slash at its end is a directory.
    let has_content = !matches!(kind, b'1'..=b'6');
    let stored = if has_content { padded(extensions.size.unwrap_or(size)) } else { 0 };
    let is_directory = kind == b'5' || matches!(kind, b'0' | 0) && raw.ends_with(b"/");
    let is_whiteout = || path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.starts_with(b".wh."));
    let kind = match kind {
        _ if is_directory && stored == 0 => Kind::Directory,
        _ if stored == 0 && is_whiteout() => Kind::Whiteout,
        b'1' => {
            let target = extensions.link.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
            Kind::HardLink(normal(&target.ok_or_else(Whole::damaged)?))
        }
        b'M' | b'V' => return Err(Whole::error("it is one volume of several")),
        _ => Kind::Other,
    };
    Ok(Entry { headers, path, kind, stored })
}

impl Extensions {
    /// Reads the records of a header `x`: `LENGTH KEY=VALUE\n` (POSIX.1-2001, "pax Extended Header").
    fn read(&mut self, records: &[u8]) -> io::Result<()> {
        for (key, value) in pairs(records)? {
            match key {
                b"path" | b"GNU.sparse.name" => self.path = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or_else(Whole::damaged)?);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Attributes for all entries that follow would have to be repeated in each part, where they have a meaning. A comment
/// has none.
fn ensure_comment(records: &[u8]) -> io::Result<()> {
    match pairs(records)?.iter().all(|(key, _)| *key == b"comment") {
        true => Ok(()),
        false => Err(Whole::error("it has attributes for all of its files")),
    }
}

/// The key and the value of a record.
type Pair<'a> = (&'a [u8], &'a [u8]);

fn pairs(mut records: &[u8]) -> io::Result<Vec<Pair<'_>>> {
    let mut pairs = Vec::new();
    while !records.is_empty() {
        let (pair, rest) = pair(records).ok_or_else(Whole::damaged)?;
        pairs.push(pair);
        records = rest;
    }
    Ok(pairs)
}

/// The first record, and what follows it.
fn pair(records: &[u8]) -> Option<(Pair<'_>, &[u8])> {
    let space = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(records.get(..space)?).ok()?.parse().ok()?;
    let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    Some(((record.get(..equals)?, record.get(equals + 1..)?), records.get(length..)?))
}

/// A size with the padding to whole blocks.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX)
}

fn until_nul(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
    bytes
}

/// A path without `.`, and without slashes at its beginning and end.
fn normal(path: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    parts.join(&b'/')
}
