//! The bytes of which the hash of a value is made.

use std::hash::{Hash, Hasher};

/// The bytes that a value gives to whatever hashes it.
pub(super) fn hashed(value: impl Hash) -> Vec<u8> {
    let mut bytes = Bytes(Vec::new());
    value.hash(&mut bytes);
    bytes.0
}

/// Collects the bytes that would be hashed.
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    // Never called: the bytes themselves are used.
    fn finish(&self) -> u64 {
        0
    }
}
