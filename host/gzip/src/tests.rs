//! What is encoded is read back by others.

use std::io::Read as _;

use libdeflater::Decompressor;
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

use super::*;

/// Encodes, and has two decoders read it.
fn check(bytes: &[u8]) -> Vec<u8> {
    let member = Encoder::default().member(bytes).to_vec();
    let mut read = Vec::new();
    flate2::read::GzDecoder::new(&member[..]).read_to_end(&mut read).unwrap();
    assert!(read == bytes, "zlib-rs reads something else");
    let mut read = vec![0; bytes.len()];
    assert_eq!(Decompressor::new().gzip_decompress(&member, &mut read), Ok(bytes.len()));
    assert!(read == bytes, "libdeflate reads something else");
    member
}

/// Bytes without a pattern (SplitMix64).
fn noise(size: usize, seed: u64) -> Vec<u8> {
    let words = (1..=u64::MAX).map(|number| {
        let mixed = number.wrapping_add(seed << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    });
    words.flat_map(u64::to_le_bytes).take(size).collect()
}

/// Noise of few different bytes.
fn few(size: usize, seed: u64, mask: u8) -> Vec<u8> {
    noise(size, seed).into_iter().map(|byte| byte & mask).collect()
}

#[test]
fn small_sizes_are_read_back() {
    for size in 0..300 {
        check(&vec![7; size]);
        check(&noise(size, 1));
        check(&few(size, 2, 3));
    }
}

#[test]
fn sizes_about_the_limits_of_the_format_are_read_back() {
    for size in [0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x1_0000, 0x1_0001, (1 << 20) - 1, 1 << 20, (1 << 20) + 1] {
        assert!(check(&vec![0; size]).len() < size / 150 + 64);
        assert!(check(&noise(size, 3)).len() <= size + size / 4096 + 32);
        assert!(check(&few(size, 4, 15)).len() < size * 2 / 3);
    }
}

#[test]
fn no_bytes_are_a_member_of_twenty_bytes() {
    assert_eq!(check(b"").len(), 20);
}

#[test]
fn every_length_and_every_distance_is_read_back() {
    // Whatever the finder would find: the tokens are made here.
    let mut bytes = noise(32_768, 5);
    let mut counts = Counts::default();
    for byte in &bytes {
        counts.literals[usize::from(*byte)] += 1;
    }
    let mut literals = 32_768;
    let mut tokens = Vec::new();
    for (distance, length) in (1..=32_768).zip((3..=258).cycle()) {
        let (symbol, extra) = symbols::distance_symbol(distance - 1);
        let token = Token {
            literals,
            length: (length - 3) as u8,
            distance: symbol as u8,
            extra: ((distance - 1) & ((1 << extra) - 1)) as u16,
        };
        counts.lengths[length - 3] += 1;
        counts.distances[symbol as usize] += 1;
        tokens.push(token);
        literals = 0;
        for _ in 0..length {
            bytes.push(bytes[bytes.len() - distance as usize]);
        }
    }
    let mut bits = block::write(Bits::new(Vec::new()), &bytes, bytes.len(), &tokens, &counts, true);
    bits.align();
    let (output, size) = bits.finish();
    let mut read = Vec::new();
    flate2::read::DeflateDecoder::new(&output[..size]).read_to_end(&mut read).unwrap();
    assert!(read == bytes, "zlib-rs reads something else");
    let mut read = vec![0; bytes.len()];
    assert_eq!(Decompressor::new().deflate_decompress(&output[..size], &mut read), Ok(bytes.len()));
    assert!(read == bytes, "libdeflate reads something else");
}

#[test]
fn the_farthest_distance_is_found_and_one_more_is_not() {
    for (distance, found) in [(32_767, true), (32_768, true), (32_769, false)] {
        // Matches all the way, so that every match's first bytes are remembered, but nothing like the first ones.
        let mut bytes = noise(40, 9);
        bytes.resize(distance, 0);
        bytes.extend_from_within(..40);
        bytes.extend(noise(40, 10));
        let mut tokens = Vec::new();
        Finder::default().find(&bytes, 0, &mut tokens, &mut Counts::default());
        let far =
            tokens.iter().any(|token| token.distance == 29 && usize::from(token.extra) == (distance - 1) & 0x1fff);
        assert_eq!(far, found, "{distance}");
        check(&bytes);
    }
}

#[test]
fn noise_is_stored_even_beside_what_is_not() {
    let mut bytes = noise(1 << 20, 11);
    assert!(check(&bytes).len() < bytes.len() + 200);
    bytes[700_000..].fill(7);
    assert!(check(&bytes).len() < 703_000);
}

#[test]
fn more_bytes_than_are_deflated_together_are_read_back() {
    let mut bytes = vec![1; MOST + 5];
    check(&bytes);
    bytes.truncate(MOST);
    check(&bytes);
}

#[test]
fn an_encoder_gives_the_same_bytes_whatever_it_has_encoded_before() {
    let blocks = [few(100_000, 12, 7), noise(300_000, 13), b"world".to_vec(), vec![0; 70_000], Vec::new()];
    let mut used = Encoder::default();
    for one in &blocks {
        for next in &blocks {
            used.member(one);
            assert!(used.member(next) == Encoder::default().member(next));
        }
    }
}

/// Remembered digests tell of them: where they change, the method needs another name (`Compression::method` of the
/// host).
#[test]
fn the_bytes_are_these() {
    let text: Vec<u8> = (0..20_000_u32).flat_map(|n| (n * n % 1009).to_string().into_bytes()).collect();
    let mut sum = Crc::new();
    sum.update(&check(&[text, noise(50_000, 14)].concat()));
    assert_eq!(sum.sum(), 977_405_148);
}

/// A piece of a block.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2000),
        prop::collection::vec(0..4_u8, 0..20_000),
        (any::<u8>(), 0..3000_usize).prop_map(|(byte, size)| vec![byte; size]),
        (0..100_000_usize, any::<u64>()).prop_map(|(size, seed)| noise(size, seed)),
        (0..100_000_usize, any::<u64>(), any::<u8>()).prop_map(|(size, seed, mask)| few(size, seed, mask)),
        // Repeated, about as far away as a match may be, about as long.
        (prop_oneof![1..40_usize, 250..270_usize, 32_700..32_800_usize], 1..4_usize, any::<u64>())
            .prop_map(|(size, times, seed)| noise(size, seed).repeat(times)),
        Just(Vec::new()),
    ]
}

proptest! {
    #[test]
    fn every_block_is_read_back(pieces in prop::collection::vec(piece(), 0..12)) {
        check(&pieces.concat());
    }

    #[test]
    fn every_small_block_is_read_back(block in prop::collection::vec(0..3_u8, 0..64)) {
        check(&block);
    }
}
