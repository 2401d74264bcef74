//! The pieces of an archive, some of them ahead of the one that is read: a disk has to be asked for several small files
//! at once to give them at its own speed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, IoSliceMut, Read as _};
use std::num::NonZeroU64;

use base64::Engine as _;
use rustix::fs::{Advice, fadvise};
use rustix::io::{ReadWriteFlags, preadv2};

use super::decoder::{Base64, base64};
use super::records::{FileRecord, Lines, Record};
use crate::source::confined::{ConfinedDir, FilesInTurn};

/// Most files that are open at once, for each layer that is read: more are not read faster, and the system limits a
/// process to some 1000.
pub(super) const MAX_FILES: usize = 16;

/// Decoded bytes that are held, and those of one more record.
const HELD_BYTES: usize = 256 << 10;

/// Bytes of a file that the disk is asked for ahead. The system goes on by itself with a file that is read in a row.
const AHEAD_BYTES: u64 = 1 << 20;

/// The source of the next bytes of an archive.
pub(super) enum Piece {
    /// So many of the decoded bytes.
    Bytes(usize),
    /// A file.
    File {
        /// Its path in the archive.
        name: Vec<u8>,
        /// Its bytes.
        content: io::Take<File>,
    },
}

/// Pieces in their order.
pub(super) struct Pieces<R> {
    /// The records that come next.
    pub(super) records: Lines<R>,
    files: FilesInTurn,
    base64: Base64,
    /// Those that come next.
    pub(super) ahead: VecDeque<Piece>,
    /// The bytes of all that are ahead, one after the other.
    decoded: Vec<u8>,
    /// How many of them are read.
    given: usize,
}

impl<R: BufRead> Pieces<R> {
    /// The pieces of uncompressed `records` and the layer's directory of files.
    pub(super) fn of(records: R, files: ConfinedDir) -> Self {
        Self {
            records: Lines::of(records),
            files: FilesInTurn::below(files),
            base64: base64(),
            ahead: VecDeque::new(),
            decoded: Vec::new(),
            given: 0,
        }
    }

    /// Reads of a piece of `left` bytes.
    pub(super) fn read(&mut self, left: &mut usize, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoded.get(self.given..).unwrap_or_default().take(*left as u64).read(buffer)?;
        self.given += read;
        *left -= read;
        Ok(read)
    }

    /// The next piece, when the one before is read; `None` at the end.
    ///
    /// # Errors
    /// The readers', and for a record that is wrong. Pieces before that one may be left out.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        if self.ahead.is_empty() {
            self.go_ahead()?;
        }
        Ok(self.ahead.pop_front())
    }

    fn go_ahead(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.given = 0;
        let mut files = 0;
        while files < MAX_FILES && self.decoded.len() < HELD_BYTES {
            let Some(line) = self.records.next()? else { break };
            match Record::parse(line).map_err(|reason| odd(&reason))? {
                Record::Bytes(base64) => {
                    let before = self.decoded.len();
                    self.base64.decode_vec(&base64, &mut self.decoded).map_err(|reason| odd(&reason))?;
                    self.ahead.push_back(Piece::Bytes(self.decoded.len() - before));
                }
                // Directories, links and empty files are all header.
                Record::File(FileRecord { size: 0, .. }) => {}
                Record::File(FileRecord { name, name_raw, size }) => {
                    let raw = self.base64.decode(&*name_raw).map_err(|reason| odd(&reason))?;
                    let name = if raw.is_empty() { name.into_owned().into_bytes() } else { raw };
                    // An absolute name lay below the root of the layer.
                    let at = name.iter().position(|byte| *byte != b'/').unwrap_or(name.len());
                    let file = self.files.file(name.get(at..).unwrap_or_default());
                    let content = file.map_err(|reason| of_file(&name, &reason))?.take(size);
                    self.ahead.push_back(Piece::File { name, content });
                    files += 1;
                }
            }
        }
        if files > 1 {
            self.ask_for_files();
        }
        Ok(())
    }

    /// Has the system fetch the files that are ahead, unless the last one is in memory: so are the others then.
    fn ask_for_files(&self) {
        let files = || {
            self.ahead.iter().filter_map(|piece| match piece {
                Piece::File { content, .. } => Some((content.get_ref(), content.limit())),
                Piece::Bytes(_) => None,
            })
        };
        let is_in_memory = |file| preadv2(file, &mut [IoSliceMut::new(&mut [0])], 0, ReadWriteFlags::NOWAIT).is_ok();
        if files().next_back().is_some_and(|(file, _)| !is_in_memory(file)) {
            for (file, size) in files() {
                // Without it, files are read all the same.
                let _ = fadvise(file, 0, NonZeroU64::new(size.min(AHEAD_BYTES)), Advice::WillNeed);
            }
        }
    }
}

fn odd(reason: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("a record is wrong: {reason}"))
}

/// The error of a file.
pub(super) fn of_file(name: &[u8], reason: &io::Error) -> io::Error {
    let name = crate::text::printable(&String::from_utf8_lossy(name), 200);
    // Whether access was denied matters to the caller.
    io::Error::new(reason.kind(), format!("`{name}`: {reason}"))
}
