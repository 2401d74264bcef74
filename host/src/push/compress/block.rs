//! One block of a layer, compressed by itself: a gzip member (RFC 1952, section 2.2) or a zstd frame (RFC 8878, section
//! 3), so that blocks in a row are one file.

use std::cell::RefCell;
use std::io;

use bytes::Bytes;
use crhost_gzip::Encoder;
use libdeflater::{CompressionLvl, Compressor, Crc};

use super::held::held;
use super::method::Compression;

impl Compression {
    /// Compresses a block; equal blocks give equal bytes, on any thread.
    ///
    /// # Errors
    /// When the compressor fails, for want of memory.
    pub(crate) fn block(self, block: Bytes) -> io::Result<Bytes> {
        match self {
            // A block by itself tells nothing of a line.
            Self::Gzip(FASTEST_GZIP) | Self::Auto => FAST_GZIP.with_borrow_mut(|encoder| held(encoder.member(&block))),
            Self::Gzip(level) => gzip(level, &block),
            Self::Zstd(level) => zstd(level, &block),
            Self::None => Ok(block),
        }
    }
}

/// The level of crhost's own encoder; the others are libdeflate's.
const FASTEST_GZIP: u8 = 1;

thread_local! {
    static FAST_GZIP: RefCell<Encoder> = RefCell::default();
    /// Where blocks are compressed to, before they are [`held`] in as much memory as they need.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    // Their tables are larger than a block; a thread makes them once for the level of a push.
    static GZIP: RefCell<Option<(u8, Compressor)>> = const { RefCell::new(None) };
    static ZSTD: RefCell<Option<(u8, zstd::bulk::Compressor<'static>)>> = const { RefCell::new(None) };
}

/// The thread's compressor for a level. One for another level is replaced.
fn cached<T>(slot: &mut Option<(u8, T)>, level: u8, make: impl FnOnce() -> io::Result<T>) -> io::Result<&mut T> {
    if slot.as_ref().is_none_or(|(cached, _)| *cached != level) {
        *slot = Some((level, make()?));
    }
    slot.as_mut().map(|(_, compressor)| compressor).ok_or_else(|| io::Error::other("no compressor"))
}

fn zstd(level: u8, block: &[u8]) -> io::Result<Bytes> {
    // zstd itself stores incompressible blocks.
    ZSTD.with_borrow_mut(|slot| {
        let compressor = cached(slot, level, || zstd::bulk::Compressor::new(level.into()))?;
        with_buffer(zstd::zstd_safe::compress_bound(block.len()), |buffer| {
            let length = compressor.compress_to_buffer(block, buffer)?;
            held(buffer.get(..length).unwrap_or_default())
        })
    })
}

fn gzip(level: u8, block: &[u8]) -> io::Result<Bytes> {
    GZIP.with_borrow_mut(|slot| {
        let compressor = cached(slot, level, || {
            let level = CompressionLvl::new(level.into()).map_err(|_| io::Error::other("no level of libdeflate"))?;
            Ok(Compressor::new(level))
        })?;
        if is_noise(compressor, block)? {
            return stored(block);
        }
        deflated(compressor, block, held)
    })
}

/// Deflates bytes into the buffer of this thread, and gives what `take` makes of them.
fn deflated<T>(compressor: &mut Compressor, bytes: &[u8], take: impl FnOnce(&[u8]) -> io::Result<T>) -> io::Result<T> {
    with_buffer(compressor.gzip_compress_bound(bytes.len()), |buffer| {
        let length = compressor.gzip_compress(bytes, buffer).map_err(io::Error::other)?;
        take(buffer.get(..length).unwrap_or_default())
    })
}

/// Lends the buffer of this thread, of `least` bytes or more.
fn with_buffer<T>(least: usize, use_it: impl FnOnce(&mut [u8]) -> io::Result<T>) -> io::Result<T> {
    BUFFER.with_borrow_mut(|buffer| {
        if buffer.len() < least {
            buffer.resize(least, 0);
        }
        use_it(buffer)
    })
}

/// Bytes of one sample: half of deflate's window.
const SAMPLE: usize = 16 << 10;

/// Samples of a block, spread over it: together a sixteenth of 1 MiB.
const SAMPLES: usize = 4;

/// Whether compression would gain nothing. If no sample shrinks by a fiftieth, the rest hardly does. Floating-point
/// weights, which shrink by about a twelfth, are compressed.
fn is_noise(compressor: &mut Compressor, block: &[u8]) -> io::Result<bool> {
    if block.len() < 4 * SAMPLE * SAMPLES {
        // The samples would cost as much as the compression.
        return Ok(false);
    }
    for piece in block.chunks(block.len().div_ceil(SAMPLES)) {
        let sample = piece.get(..SAMPLE).unwrap_or(piece);
        if deflated(compressor, sample, |bytes| Ok(bytes.len()))? < sample.len() - sample.len() / 50 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Bytes of a stored block at most (RFC 1951, section 3.2.4).
const STORED: usize = 0xffff;

/// A gzip member of stored blocks.
fn stored(block: &[u8]) -> io::Result<Bytes> {
    let mut member = Vec::with_capacity(18 + block.len() + 5 * block.len().div_ceil(STORED));
    // Deflate, no flags, no time, the fastest algorithm, an unknown system.
    member.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
    let mut pieces = block.chunks(STORED).peekable();
    while let Some(piece) = pieces.next() {
        // Never more than STORED.
        let length = u16::try_from(piece.len()).unwrap_or(u16::MAX);
        member.push(u8::from(pieces.peek().is_none()));
        member.extend_from_slice(&length.to_le_bytes());
        member.extend_from_slice(&(!length).to_le_bytes());
        member.extend_from_slice(piece);
    }
    let mut sum = Crc::new();
    sum.update(block);
    member.extend_from_slice(&sum.sum().to_le_bytes());
    // Modulo 2^32, says the format; a block is far smaller.
    member.extend_from_slice(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes());
    held(&member)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::{any, prop, proptest};

    use super::*;

    const ALL: [Compression; 6] = [
        Compression::Gzip(1),
        Compression::Gzip(2),
        Compression::Gzip(12),
        Compression::Zstd(1),
        Compression::Zstd(19),
        Compression::None,
    ];

    /// Bytes without a pattern (SplitMix64).
    fn noise(size: usize) -> Vec<u8> {
        let words = (1..=u64::MAX).map(|number| {
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        });
        words.flat_map(u64::to_le_bytes).take(size).collect()
    }

    fn read(compression: Compression, mut file: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        match compression {
            Compression::Gzip(_) | Compression::Auto => {
                flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).unwrap()
            }
            Compression::Zstd(_) => zstd::Decoder::new(file).unwrap().read_to_end(&mut bytes).unwrap(),
            Compression::None => file.read_to_end(&mut bytes).unwrap(),
        };
        bytes
    }

    #[test]
    fn blocks_in_a_row_are_one_file() {
        for compression in ALL {
            let (one, two) = (Bytes::from(noise(1 << 20)), Bytes::from_static(b"world"));
            let file = [compression.block(one.clone()).unwrap(), compression.block(two.clone()).unwrap()].concat();
            assert!(read(compression, &file) == [one, two].concat(), "{compression}");
        }
    }

    #[test]
    fn the_same_block_gives_the_same_bytes_on_every_thread_and_after_any_other() {
        let block: Bytes = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let first: Vec<Bytes> = ALL.iter().map(|compression| compression.block(block.clone()).unwrap()).collect();
        let there = block.clone();
        let elsewhere = std::thread::spawn(move || ALL.map(|compression| compression.block(there.clone()).unwrap()));
        assert_eq!(first, elsewhere.join().unwrap());
        assert_eq!(first, ALL.map(|compression| compression.block(block.clone()).unwrap()));
    }

    #[test]
    fn noise_is_stored_and_hardly_grows() {
        for size in [1 << 20, (1 << 20) - 1, 5 * STORED, 300_001] {
            let block = noise(size);
            let member = gzip(2, &block).unwrap();
            assert_eq!(member.len(), 18 + size + 5 * size.div_ceil(STORED));
            assert!(read(Compression::Gzip(2), &member) == block);
            let member = Compression::Gzip(1).block(block.clone().into()).unwrap();
            assert!(member.len() < size + size / 1000, "{}", member.len());
        }
    }

    #[test]
    fn a_block_that_is_noise_in_parts_only_is_compressed() {
        let mut block = noise(1 << 20);
        block[600_000..].fill(7);
        assert!(gzip(2, &block).unwrap().len() < 700_000);
    }

    proptest! {
        #[test]
        fn every_stored_member_is_read_back(block in prop::collection::vec(any::<u8>(), 1..200_000)) {
            assert!(read(Compression::Gzip(2), &stored(&block).unwrap()) == block);
        }
    }
}
