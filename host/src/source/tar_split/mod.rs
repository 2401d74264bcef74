//! Puts the archive of an unpacked layer together again, byte for byte: tar-split's records of everything between the
//! files (`tar/storage` of <https://github.com/vbatts/tar-split>), joined with the files.
//!
//! Each record is a line of JSON: type 2 holds bytes of the archive (headers and padding), type 1 stands for a file's
//! content. Neither is trusted: the digest of the whole archive is verified by the reader of its bytes.

mod decoder;
mod pieces;
mod records;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use self::pieces::{Piece, Pieces, of_file};
use crate::source::confined::ConfinedDir;
use crate::source::inflate;

/// Uncompressed bytes of records that are held at once: as much as a decoder's window, as it is slower with less.
const RECORDS_AHEAD: usize = 64 << 10;

/// The archive of a layer: its `records`, compressed with gzip, and its directory of files.
pub(super) fn archive(records: File, files: ConfinedDir) -> impl Read {
    Archive::new(BufReader::with_capacity(RECORDS_AHEAD, inflate::gzip(BufReader::new(records))), files)
}

/// An archive that is put together while it is read.
struct Archive<R> {
    pieces: Pieces<R>,
    /// What is read.
    piece: Option<Piece>,
}

impl<R: BufRead> Archive<R> {
    /// The archive of uncompressed `records` and the layer's directory of files.
    fn new(records: R, files: ConfinedDir) -> Self {
        Self { pieces: Pieces::of(records, files), piece: None }
    }
}

impl<R: BufRead> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.piece {
                Some(Piece::Bytes(left)) => self.pieces.read(left, buffer)?,
                // A file that is shorter now gives another archive, whose digest is wrong.
                Some(Piece::File { name, content }) => content.read(buffer).map_err(|reason| of_file(name, &reason))?,
                None => 0,
            };
            if read > 0 {
                return Ok(read);
            }
            self.piece = self.pieces.next()?;
            if self.piece.is_none() {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests;
