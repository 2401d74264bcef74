//! Digests as registries write them.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};

/// `sha256:…` of some bytes.
pub(crate) fn of(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in digest(&SHA256, bytes).as_ref() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The digits alone.
pub(crate) fn hex(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap()
}
