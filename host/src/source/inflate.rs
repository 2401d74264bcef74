//! Decompression that ends: a few bytes of gzip or zstd can stand for any number of others.
//!
//! Nothing is held but a window, so that the harm is time. A limit on the ratio alone would refuse honest layers, in
//! which a file of zeros is compressed a thousandfold; so it holds only behind the first gibibytes.

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

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

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether bytes begin like gzip (RFC 1952, section 2.3.1).
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&GZIP)
}

/// Whether bytes begin like gzip, or like zstd (RFC 8878, section 3.1.1).
pub(super) fn is_compressed(head: &[u8]) -> bool {
    is_gzip(head) || head.starts_with(&ZSTD)
}

/// The program for a compression that crhost doesn't have, by the first six bytes.
pub(super) fn unknown_compression(head: &[u8]) -> Option<&'static str> {
    [(&b"\xFD7zXZ\0"[..], "xz"), (b"BZh", "bzip2"), (b"\x04\x22\x4D\x18", "lz4"), (b"PK\x03\x04", "unzip")]
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

/// The tar archive of a layer, which may be stored plain, or compressed with gzip or zstd.
///
/// # Errors
/// If its first bytes can't be read, or there is no memory for the decoder.
pub(super) fn uncompressed<'a>(mut stored: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(ZSTD.len());
    stored.by_ref().take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let (is_gzip, is_zstd) = (is_gzip(&head), head.starts_with(&ZSTD));
    let whole = Cursor::new(head).chain(stored);
    Ok(if is_gzip {
        Box::new(gzip(whole))
    } else if is_zstd {
        Box::new(zstd(whole)?)
    } else {
        Box::new(whole)
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

/// The error of a decoder, of which zstd names one in words of its own library.
fn in_plain_words(error: io::Error) -> io::Error {
    match error.to_string().contains("too much memory") {
        true => Excess::error(format!("its zstd has a window of more than {} bytes", 1 << ZSTD_WINDOW_LOG)),
        false => error,
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
        for stored in [data.to_vec(), compress(data), zstd, Vec::new()] {
            let mut read = Vec::new();
            uncompressed(&stored[..]).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == data || stored.is_empty());
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
                let decoder: Box<dyn Read> = match is_gzip(stored) {
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
    fn a_zstd_window_that_takes_hundreds_of_megabytes_is_refused() {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(b"text").unwrap();
        let stored = encoder.finish().unwrap();
        let error = uncompressed(&stored[..]).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("window"), "{error}");
    }
}
