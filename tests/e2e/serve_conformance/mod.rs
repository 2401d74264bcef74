//! The workflows of the OCI distribution specification 1.1, as its conformance suite divides them, against a real
//! `crhost serve`: written from the specification, in raw HTTP. Categories: pull, push, content discovery, content
//! management.

mod discovery;
mod management;
mod pull;
mod push_blobs;
mod push_manifests;

use crate::support::programs::serve::Serve;

/// Bytes of which no two are alike for long.
fn content(seed: u8, length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8 ^ seed).collect()
}

/// Expects that a location leads to content.
#[track_caller]
fn leads_to(registry: &Serve, location: &str, content: &[u8]) {
    assert_eq!(registry.ask("GET", location).expect(200).body, content, "{location}");
}
