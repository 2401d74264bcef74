//! The SHA-256 of a value, as it gives itself to whatever hashes it.

use std::hash::{Hash, Hasher};

use ring::digest::{Context, Digest, SHA256};

/// The SHA-256 of all that a value gives to a hasher.
pub(super) fn hashed(value: impl Hash) -> Digest {
    let mut all = Sha256(Context::new(&SHA256));
    value.hash(&mut all);
    all.0.finish()
}

/// Hashes what it is given.
struct Sha256(Context);

impl Hasher for Sha256 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    // Never called: the whole hash is used.
    fn finish(&self) -> u64 {
        0
    }
}
