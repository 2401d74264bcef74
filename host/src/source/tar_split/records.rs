//! The records of tar-split, one a line.

use std::borrow::Cow;
use std::io::{self, BufRead};

use serde::Deserialize;

/// Largest record in bytes. Go reads extended headers of up to 1 MiB, which base64 makes a third longer; several can
/// come in a row, and so can padding. A layer with a longer record is read from the daemon's export.
pub(super) const MAX_RECORD: usize = 8 << 20;

/// The lines of some bytes.
pub(super) struct Lines<R> {
    bytes: R,
    /// How many bytes of what the reader has ready are the last line.
    taken: usize,
    /// A line that the reader did not have ready as a whole.
    pub(super) line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `bytes`.
    pub(super) fn of(bytes: R) -> Self {
        Self { bytes, taken: 0, line: Vec::new() }
    }

    /// The next line, where the reader has it if that is possible; `None` at the end.
    ///
    /// # Errors
    /// The reader's, and for a line that has no end, or more than [`MAX_RECORD`] bytes.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.bytes.consume(std::mem::take(&mut self.taken));
        self.line.clear();
        loop {
            let ready = self.bytes.fill_buf()?;
            let (length, end) = (ready.len(), memchr::memchr(b'\n', ready));
            if let Some(end) = end
                && self.line.is_empty()
            {
                self.taken = end + 1;
                return Ok(self.bytes.fill_buf()?.get(..end));
            }
            let taken = end.map_or(length, |end| end + 1);
            if taken == 0 && self.line.is_empty() {
                return Ok(None);
            }
            if taken == 0 || self.line.len() + taken > MAX_RECORD {
                return Err(io::Error::other("a record is too long, or not whole"));
            }
            self.line.extend_from_slice(ready.get(..taken).unwrap_or_default());
            self.bytes.consume(taken);
            if end.is_some() {
                return Ok(self.line.get(..self.line.len() - 1));
            }
        }
    }
}

/// A record.
pub(super) enum Record<'a> {
    /// Bytes of the archive, in base64.
    Bytes(Cow<'a, [u8]>),
    /// The content of a file.
    File(FileRecord<'a>),
}

/// A record of a file's content.
pub(super) struct FileRecord<'a> {
    /// Its path in the archive.
    pub(super) name: Cow<'a, str>,
    /// A path that is not UTF-8, in base64, instead.
    pub(super) name_raw: Cow<'a, str>,
    /// Its bytes.
    pub(super) size: u64,
}

/// A record of either kind, as it is written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    name_raw: Cow<'a, str>,
    #[serde(default)]
    size: u64,
    /// Of a file, this is a checksum that the layer's digest makes superfluous.
    #[serde(borrow)]
    payload: Option<Text<'a>>,
}

/// A text that is borrowed where it can be; an optional `Cow` by itself never is.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Record<'a> {
    /// Parses a line.
    ///
    /// # Errors
    /// Why it is no record.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, String> {
        if let Some(payload) = payload(line) {
            return Ok(Self::Bytes(payload.into()));
        }
        let record: Written<'a> = serde_json::from_slice(line).map_err(|reason| reason.to_string())?;
        match record.kind {
            1 => Ok(Self::File(FileRecord { name: record.name, name_raw: record.name_raw, size: record.size })),
            2 => Ok(Self::Bytes(match record.payload.map(|payload| payload.0) {
                None => Cow::default(),
                Some(Cow::Borrowed(payload)) => payload.as_bytes().into(),
                Some(Cow::Owned(payload)) => payload.into_bytes().into(),
            })),
            other => Err(format!("its type is {other}")),
        }
    }
}

/// The payload of a record of bytes in the form that Go gives it. They are nine tenths of all that is read, and need
/// no parser.
fn payload(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(br#"{"type":2,"payload":""#)?;
    // At a backslash, too: escapes are for the parser.
    let (payload, rest) = rest.split_at_checked(memchr::memchr2(b'"', b'\\', rest)?)?;
    let position = rest.strip_prefix(br#"","position":"#)?.strip_suffix(b"}")?;
    (!position.is_empty() && position.iter().all(u8::is_ascii_digit)).then_some(payload)
}
