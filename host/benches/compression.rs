//! What one core compresses and hashes in a second, in MB: a block as layers have them, of this program's own bytes,
//! and one that can't be compressed.
//!
//! `cargo bench --bench compression`, or `cargo xtask bench compression`. Prints one JSON object.

#![allow(clippy::expect_used, reason = "a measurement stops at the first surprise")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crhost::bench::{Compressor, hash};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// The size of a layer's blocks.
const BLOCK: usize = 1 << 20;

/// Blocks of each kind: enough for code, data and tables of a program.
const BLOCKS: usize = 16;

/// Rounds; the fastest one counts, which nothing else disturbed.
const ROUNDS: usize = 3;

fn main() {
    let program = std::fs::read(std::env::current_exe().expect("this program's path")).expect("this program's bytes");
    let program: Vec<Bytes> = program.chunks_exact(BLOCK).take(BLOCKS).map(Bytes::copy_from_slice).collect();
    let mut noise = vec![0; BLOCK * BLOCKS];
    SmallRng::seed_from_u64(1).fill_bytes(&mut noise);
    let noise: Vec<Bytes> = noise.chunks_exact(BLOCK).map(Bytes::copy_from_slice).collect();
    let mut fields = Vec::new();
    for choice in ["gzip:1", "gzip:2", "gzip:6", "zstd:1", "zstd:3", "none"] {
        let compressor = Compressor::new(choice).expect("a compression");
        let compress = |block: &Bytes| compressor.block(block).expect("a compressed block");
        let (speed, size) = measure(&program, compress);
        let (noise_speed, _) = measure(&noise, compress);
        fields.push(format!("\"{choice}\":{{\"program\":{speed:.0},\"noise\":{noise_speed:.0},\"ratio\":{size:.3}}}"));
    }
    let (speed, _) = measure(&program, |block| black_box(hash(block)));
    println!("{{\"sha256\":{speed:.0},{}}}", fields.join(","));
}

/// MB that go in in a second, and what comes out by what goes in.
fn measure(blocks: &[Bytes], work: impl Fn(&Bytes) -> usize) -> (f64, f64) {
    let (mut fastest, mut out) = (Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        out = blocks.iter().map(|block| work(black_box(block))).sum();
        fastest = fastest.min(start.elapsed());
    }
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let bytes = count(blocks.len() * BLOCK);
    (bytes / 1e6 / fastest.as_secs_f64(), count(out) / bytes)
}
