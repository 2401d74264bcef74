//! Decompression that ends: a few compressed bytes can stand for any number of others.
//!
//! Nothing is held but a window, so that the harm is time. A limit on the ratio alone would refuse honest layers, in
//! which a file of zeros is compressed a thousandfold; so it holds only behind the first gibibytes.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::excess::Excess;

/// How many bytes compressed ones may stand for.
#[derive(Clone, Copy)]
struct Limits {
    /// So many in any case.
    free: u64,
    /// And so many for each compressed byte.
    ratio: u64,
}

/// 16 GiB are unpacked in about a minute, and are more than the zeros of an honest layer. A hundredfold is thirty times
/// what gzip and zstd make of programs and models.
const LIMITS: Limits = Limits { free: 16 << 30, ratio: 100 };

/// Largest window of zstd as a power of two, in bytes: 32 MiB, for each layer that is read at once. Levels up to 20
/// have no larger one; RFC 8878 (section 3.1.1.1.2) asks for 8 MiB.
const ZSTD_WINDOW_LOG: u32 = 25;

/// Memory for the dictionary of xz in KiB: `xz -9` takes 64 MiB, and a few for the decoder itself.
const XZ_MEMORY: u32 = 66 << 10;

/// Bytes at the beginning that tell how a file is compressed.
pub(super) const HEAD: usize = 10;

/// The compressions of archives and of layers in them that `docker load` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// The .xz file format 1.2, as `xz` writes it.
    Xz,
    /// As `bzip2` writes it.
    Bzip2,
}

impl Compression {
    /// How bytes are compressed, by the first [`HEAD`] of them.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        // The magic number of a first block, or of the end of a stream without blocks. A tar archive may begin with a
        // file called `BZh9`.
        let is_bzip2 = || {
            let blocks = head.strip_prefix(b"BZh").and_then(|rest| rest.get(1..));
            blocks.is_some_and(|rest| rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17rE8P\x90"))
        };
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second form is a frame to be skipped (RFC 8878, section 3.1.2), which may go before.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ if is_bzip2() => Some(Self::Bzip2),
            _ => None,
        }
    }
}

/// The program for a compression that crhost doesn't have, by the first [`HEAD`] bytes.
pub(super) fn unknown_compression(head: &[u8]) -> Option<&'static str> {
    [(&b"\x04\x22\x4D\x18"[..], "lz4"), (b"PK\x03\x04", "unzip"), (b"7z\xBC\xAF\x27\x1C", "7z")]
        .into_iter()
        .find_map(|(magic, program)| head.starts_with(magic).then_some(program))
}

/// The content of gzip.
pub(super) fn gzip(compressed: impl Read) -> impl Read {
    let counted = Counted::new(compressed);
    Bounded { limits: LIMITS, taken: Rc::clone(&counted.taken), given: 0, decoder: MultiGzDecoder::new(counted) }
}

/// The content of zstd.
fn zstd(compressed: impl Read) -> io::Result<impl Read> {
    let counted = Counted::new(compressed);
    let taken = Rc::clone(&counted.taken);
    let mut decoder = zstd::Decoder::new(counted)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(Bounded { limits: LIMITS, taken, given: 0, decoder })
}

/// The content of xz.
fn xz(compressed: impl Read) -> impl Read {
    let counted = Counted::new(compressed);
    let taken = Rc::clone(&counted.taken);
    Bounded { limits: LIMITS, taken, given: 0, decoder: XzReader::new_mem_limit(counted, true, XZ_MEMORY) }
}

/// The content of bzip2.
fn bzip2(compressed: impl Read) -> impl Read {
    let counted = Counted::new(compressed);
    Bounded { limits: LIMITS, taken: Rc::clone(&counted.taken), given: 0, decoder: MultiBzDecoder::new(counted) }
}

/// The tar archive of a layer, or of a whole image, which may be stored plain or compressed.
///
/// # Errors
/// If its first bytes can't be read, or there is no memory for the decoder.
pub(super) fn uncompressed<'a>(mut stored: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(HEAD);
    stored.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let compression = Compression::of(&head);
    let whole = Cursor::new(head).chain(stored);
    Ok(match compression {
        Some(Compression::Gzip) => Box::new(gzip(whole)),
        Some(Compression::Zstd) => Box::new(zstd(whole)?),
        Some(Compression::Xz) => Box::new(xz(whole)),
        Some(Compression::Bzip2) => Box::new(bzip2(whole)),
        None => Box::new(whole),
    })
}

/// Counts the bytes that a decoder takes.
struct Counted<R> {
    compressed: R,
    taken: Rc<Cell<u64>>,
}

impl<R> Counted<R> {
    fn new(compressed: R) -> Self {
        Self { compressed, taken: Rc::default() }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.compressed.read(buffer)?;
        self.taken.set(self.taken.get().saturating_add(read as u64));
        Ok(read)
    }
}

/// A decoder that gives no more bytes than those that it takes may stand for.
struct Bounded<D> {
    decoder: D,
    limits: Limits,
    taken: Rc<Cell<u64>>,
    given: u64,
}

impl<D: Read> Read for Bounded<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.decoder.read(buffer).map_err(in_plain_words)?;
        self.given = self.given.saturating_add(read as u64);
        let Limits { free, ratio } = self.limits;
        if self.given > self.taken.get().saturating_mul(ratio).saturating_add(free) {
            return Err(Excess::error(format!("it unpacks to over {ratio} times its size, and to over {free} bytes")));
        }
        Ok(read)
    }
}

/// The error of a decoder, without words of its own library.
fn in_plain_words(error: io::Error) -> io::Error {
    match error.kind() {
        _ if error.to_string().contains("too much memory") => {
            Excess::error(format!("its zstd has a window of more than {} bytes", 1 << ZSTD_WINDOW_LOG))
        }
        io::ErrorKind::OutOfMemory => {
            Excess::error(format!("its xz has a dictionary that takes more than {XZ_MEMORY} KiB"))
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn compress(data: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(data).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn layers_are_read_however_they_are_stored() {
        let data = b"some bytes of a layer";
        let zstd = zstd::encode_all(&data[..], 1).unwrap();
        let skipped = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd.clone()].concat();
        let mut bzip2 = Vec::new();
        bzip2::read::BzEncoder::new(&data[..], bzip2::Compression::best()).read_to_end(&mut bzip2).unwrap();
        // What `xz -9` makes of it: its encoder is not built in.
        let xz = include_bytes!("tests/bytes.xz").to_vec();
        let all = [data.to_vec(), compress(data), zstd, skipped, bzip2.clone(), bzip2.repeat(2), xz, Vec::new()];
        for stored in all {
            let mut read = Vec::new();
            uncompressed(&stored[..]).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == data || read == data.repeat(2) || stored.is_empty());
        }
    }

    #[test]
    fn few_bytes_stand_for_so_many_and_no_more() {
        let zeros = vec![0; 1 << 20];
        let gzip = compress(&zeros);
        let zstd = zstd::encode_all(&zeros[..], 1).unwrap();
        for (free, is_read) in [(1 << 20, true), (1 << 10, false)] {
            for stored in [&gzip, &zstd] {
                let counted = Counted::new(&stored[..]);
                let taken = Rc::clone(&counted.taken);
                let decoder: Box<dyn Read> = match Compression::of(stored) == Some(Compression::Gzip) {
                    true => Box::new(MultiGzDecoder::new(counted)),
                    false => Box::new(zstd::Decoder::new(counted).unwrap()),
                };
                let mut bounded = Bounded { limits: Limits { free, ratio: 2 }, taken, given: 0, decoder };
                assert_eq!(io::copy(&mut bounded, &mut io::sink()).is_ok(), is_read);
            }
        }
        // What is hardly compressed may have any size.
        let noise: Vec<u8> = (0_u32..100_000).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let stored = compress(&noise);
        let counted = Counted::new(&stored[..]);
        let taken = Rc::clone(&counted.taken);
        let decoder = MultiGzDecoder::new(counted);
        let mut bounded = Bounded { limits: Limits { free: 0, ratio: 4 }, taken, given: 0, decoder };
        assert_eq!(io::copy(&mut bounded, &mut io::sink()).unwrap(), noise.len() as u64);
    }

    #[test]
    fn a_tar_archive_is_not_taken_for_bzip2_by_the_name_of_its_first_file() {
        assert_eq!(Compression::of(b"BZh9.txt\0\0"), None);
        assert_eq!(Compression::of(b"BZh91AY&SY"), Some(Compression::Bzip2));
        // Of nothing at all.
        assert_eq!(Compression::of(b"BZh9\x17rE8P\x90"), Some(Compression::Bzip2));
    }

    #[test]
    fn a_zstd_window_that_takes_hundreds_of_megabytes_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(b"text").unwrap();
        let stored = encoder.finish().unwrap();
        let error = uncompressed(&stored[..]).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("window"), "{error}");
    }
}
