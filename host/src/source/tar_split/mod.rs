//! Puts the archive of an unpacked layer together again, byte for byte: tar-split's records of everything between the
//! files (`tar/storage` of <https://github.com/vbatts/tar-split>), joined with the files.
//!
//! Each record is a line of JSON: type 2 holds bytes of the archive (headers and padding), type 1 stands for a file's
//! content. Neither is trusted: the digest of the whole archive is verified by the reader of its bytes.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, Cursor, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::source::confined::ConfinedDir;

/// Largest record in bytes. Go reads extended headers of up to 1 MiB, which base64 makes a third longer; several can
/// come in a row, and so can padding. A layer with a longer record is read from the daemon's export.
const MAX_RECORD: u64 = 8 << 20;

/// An archive that is put together while it is read.
pub(super) struct Archive<R> {
    records: R,
    files: ConfinedDir,
    line: Vec<u8>,
    piece: Piece,
}

/// The source of the next bytes.
enum Piece {
    Bytes(Cursor<Vec<u8>>),
    File { name: Vec<u8>, content: io::Take<File> },
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    /// Names that are not UTF-8, in base64.
    #[serde(borrow, default)]
    name_raw: Cow<'a, str>,
    #[serde(default)]
    size: u64,
    /// Bytes of the archive in base64; of a file, a checksum that the layer's digest makes superfluous.
    payload: Option<String>,
}

const FILE: u8 = 1;
const BYTES: u8 = 2;

impl<R: BufRead> Archive<R> {
    /// The archive of uncompressed `records` and the layer's directory of files.
    pub(super) fn new(records: R, files: ConfinedDir) -> Self {
        Self { records, files, line: Vec::new(), piece: Piece::Bytes(Cursor::default()) }
    }

    /// The piece of the next record; `None` at the end.
    fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        self.line.clear();
        self.records.by_ref().take(MAX_RECORD).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        if !self.line.ends_with(b"\n") {
            return Err(io::Error::other("a record is too long, or not whole"));
        }
        let odd = |reason: &dyn std::fmt::Display| io::Error::other(format!("a record is wrong: {reason}"));
        let bytes = |base64: &str| STANDARD.decode(base64).map_err(|reason| odd(&reason));
        let record: Record<'_> = serde_json::from_slice(&self.line).map_err(|reason| odd(&reason))?;
        Ok(Some(match record.kind {
            BYTES => Piece::Bytes(Cursor::new(bytes(&record.payload.unwrap_or_default())?)),
            // Directories, links and empty files are all header.
            FILE if record.size == 0 => Piece::Bytes(Cursor::default()),
            FILE => {
                let raw = bytes(&record.name_raw)?;
                let name = if raw.is_empty() { record.name.into_owned().into_bytes() } else { raw };
                // An absolute name lay below the root of the layer.
                let relative: Vec<u8> = name.iter().copied().skip_while(|byte| *byte == b'/').collect();
                let content = self.files.file(&relative).map_err(|reason| of_file(&name, &reason))?;
                Piece::File { name, content: content.take(record.size) }
            }
            other => return Err(odd(&format_args!("its type is {other}"))),
        }))
    }
}

impl<R: BufRead> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.piece {
                Piece::Bytes(bytes) => bytes.read(buffer)?,
                // A file that is shorter now gives another archive, whose digest is wrong.
                Piece::File { name, content } => content.read(buffer).map_err(|reason| of_file(name, &reason))?,
            };
            if read > 0 {
                return Ok(read);
            }
            match self.next_piece()? {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
    }
}

fn of_file(name: &[u8], reason: &io::Error) -> io::Error {
    let name = crate::text::printable(&String::from_utf8_lossy(name), 200);
    // Whether access was denied matters to the caller.
    io::Error::new(reason.kind(), format!("`{name}`: {reason}"))
}

#[cfg(test)]
mod tests;
