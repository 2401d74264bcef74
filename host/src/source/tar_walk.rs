//! One pass over a tar archive whose headers are not trusted.
//!
//! What stands between two entries is held as a whole by the reader of the format: long names (GNU `L` and `K`),
//! extended attributes (PAX `x`), maps of sparse files. A header can announce any size for them, and a megabyte of gzip
//! can have a gigabyte of them.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::rc::Rc;

use tar::{Archive, Entries, Entry};

use super::excess::Excess;

/// Bytes of all headers of one entry. Paths have at most 4 KiB (Linux, `PATH_MAX`), and files of images no attributes.
const MAX_HEADERS: u64 = 64 << 10;

/// Entries of one archive: three for each layer and image are those of a thousand images with thirty layers. Each is
/// remembered by its name.
const MAX_ENTRIES: usize = 100_000;

/// A file with holes. No program writes one into an archive of an image but `tar --sparse`, and a few bytes of its map
/// stand for any number of others.
#[derive(Debug, thiserror::Error)]
#[error("it has a sparse file")]
pub(super) struct Sparse;

impl Sparse {
    /// Whether a reader failed because of one.
    pub(super) fn is_in(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|error| error.is::<Self>())
    }
}

/// A reader that gives as many bytes as it is allowed to.
pub(super) struct Metered<R> {
    archive: R,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.allowance.get();
        if allowed == 0 && !buffer.is_empty() {
            return Err(Excess::error(format!("the headers of one of its files have more than {MAX_HEADERS} bytes")));
        }
        let read = (&mut self.archive).take(allowed).read(buffer)?;
        self.allowance.set(allowed.saturating_sub(read as u64));
        Ok(read)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.archive.seek(to)
    }
}

/// Visits the entries of an archive that is read from end to end, until the visitor breaks off.
///
/// # Errors
/// If the archive can't be read, breaks a limit, or has a [`Sparse`] file.
pub(super) fn stream<R: Read>(
    archive: R,
    visit: impl FnMut(&mut Entry<'_, Metered<R>>) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    stream_up_to(MAX_ENTRIES, archive, visit)
}

/// The same for an archive of at most so many entries.
///
/// # Errors
/// As for [`stream`].
pub(super) fn stream_up_to<R: Read>(
    max_entries: usize,
    archive: R,
    mut visit: impl FnMut(&mut Entry<'_, Metered<R>>) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let allowance = Rc::default();
    let mut archive = Archive::new(Metered { archive, allowance: Rc::clone(&allowance) });
    allowance.set(MAX_HEADERS);
    walk(max_entries, archive.entries()?, &allowance, |entry| {
        let visited = visit(entry)?;
        if visited.is_continue() {
            // Else the content would count as headers of the next entry.
            io::copy(entry, &mut io::sink())?;
        }
        Ok(visited)
    })
}

/// Visits the entries of an archive in a file, whose content is passed over without being read.
///
/// # Errors
/// As for [`stream`].
pub(super) fn file<R: Read + Seek>(
    archive: R,
    visit: impl FnMut(&mut Entry<'_, Metered<R>>) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let allowance = Rc::default();
    let mut archive = Archive::new(Metered { archive, allowance: Rc::clone(&allowance) });
    walk(MAX_ENTRIES, archive.entries_with_seek()?, &allowance, visit)
}

fn walk<R: Read>(
    max_entries: usize,
    mut entries: Entries<'_, Metered<R>>,
    allowance: &Cell<u64>,
    mut visit: impl FnMut(&mut Entry<'_, Metered<R>>) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let mut count = 0;
    loop {
        allowance.set(MAX_HEADERS);
        let Some(entry) = entries.next() else { return Ok(ControlFlow::Continue(())) };
        let mut entry = entry?;
        count += 1;
        if count > max_entries {
            return Err(Excess::error(format!("it has more than {max_entries} files")));
        }
        if entry.header().entry_type().is_gnu_sparse() || has_sparse_map(&mut entry)? {
            return Err(io::Error::other(Sparse));
        }
        allowance.set(u64::MAX);
        if visit(&mut entry)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

/// Whether an entry has the map of a sparse file in its extended attributes (GNU tar, "Sparse Formats": `posix`).
fn has_sparse_map(entry: &mut Entry<'_, impl Read>) -> io::Result<bool> {
    let Some(attributes) = entry.pax_extensions()? else { return Ok(false) };
    Ok(attributes.filter_map(Result::ok).any(|attribute| attribute.key_bytes().starts_with(b"GNU.sparse.")))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tar::{Builder, EntryType, Header};

    use super::*;

    /// One header with a type and a size, without what it announces.
    fn header(kind: EntryType, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_path("x").unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        header
    }

    /// The entries that a walk counts, or its error.
    fn counted(walk: impl FnOnce(&mut usize) -> io::Result<ControlFlow<()>>) -> Result<usize, String> {
        let mut seen = 0;
        let ended = walk(&mut seen);
        ended.map(|_| seen).map_err(|error| error.to_string())
    }

    /// Walks an archive in both ways.
    fn both(archive: impl Read + Seek + Clone) -> [Result<usize, String>; 2] {
        let mut copy = archive.clone();
        let stream = counted(|seen| {
            stream(archive, |_| {
                *seen += 1;
                Ok(ControlFlow::Continue(()))
            })
        });
        let file = counted(|seen| {
            file(&mut copy, |_| {
                *seen += 1;
                Ok(ControlFlow::Continue(()))
            })
        });
        [stream, file]
    }

    /// A header, and behind it as many zeros as it announces and more, which take no memory.
    #[derive(Clone)]
    struct Endless(Cursor<Vec<u8>>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => {
                    buffer.fill(b'a');
                    Ok(buffer.len())
                }
                read => Ok(read),
            }
        }
    }

    impl Seek for Endless {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn headers_that_announce_gigabytes_end_the_pass() {
        for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
            for size in [70 << 10, 1 << 40] {
                let archive = Endless(Cursor::new(header(kind, size).as_bytes().to_vec()));
                for seen in both(archive) {
                    assert!(seen.unwrap_err().contains("headers"), "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn a_sparse_map_that_never_ends_ends_the_pass_and_a_short_one_is_refused() {
        let mut endless = header(EntryType::GNUSparse, 0);
        endless.as_gnu_mut().unwrap().set_is_extended(true);
        endless.set_cksum();
        // Each of these 512 bytes says that another map follows.
        let mut map = [0; 512];
        map[504] = 1;
        let bytes = [endless.as_bytes(), &map.repeat(1000)[..]].concat();
        let mut short = header(EntryType::GNUSparse, 0);
        short.as_gnu_mut().unwrap().realsize = *b"00000000000\0";
        short.set_cksum();
        for (bytes, words) in [(bytes, "headers"), (short.as_bytes().to_vec(), "sparse")] {
            for seen in both(Cursor::new(bytes)) {
                let error = seen.unwrap_err();
                assert!(error.contains(words), "{error}");
            }
        }
    }

    #[test]
    fn long_names_of_honest_archives_are_read_and_content_is_passed_over() {
        let mut archive = Builder::new(Vec::new());
        for name in ["short".to_owned(), "long/".repeat(100)] {
            let mut header = header(EntryType::Regular, 200_000);
            archive.append_data(&mut header, format!("{name}file"), &vec![0; 200_000][..]).unwrap();
        }
        assert_eq!(both(Cursor::new(archive.into_inner().unwrap())), [Ok(2), Ok(2)]);
    }

    #[test]
    fn an_archive_has_so_many_entries_and_no_more() {
        let one = header(EntryType::Regular, 0);
        let of = |count| Cursor::new(one.as_bytes().repeat(count));
        assert_eq!(both(of(MAX_ENTRIES)), [Ok(MAX_ENTRIES), Ok(MAX_ENTRIES)]);
        assert!(both(of(MAX_ENTRIES + 1)).iter().all(Result::is_err));
    }
}
