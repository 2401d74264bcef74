//! Bytes without pattern, the same in every run, and where their seeds come from.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

/// Bytes that don't compress, the same for the same seed.
pub(crate) fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    SmallRng::seed_from_u64(seed).fill_bytes(&mut bytes);
    bytes
}

/// The seed of a place in the tests, for [`here`]. A third of its bits stay free, so that numbers can be added.
pub(crate) fn seed(file: &str, line: u32, column: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (file, line, column).hash(&mut hasher);
    hasher.finish() >> 20
}

/// A seed that no other place in the tests has: images of different tests are different images, also for the Docker
/// daemon that they share.
macro_rules! here {
    () => {
        $crate::support::images::noise::seed(file!(), line!(), column!())
    };
}
pub(crate) use here;
