//! What `host/benches` measures: doors into a crate that has no others, without any promise.

use std::path::Path;

use bytes::Bytes;

use crate::catalog::Catalog;
use crate::flavor::Runtime;
use crate::image::Digest;
use crate::push::Compression;
use crate::store::{Home, Store};

/// What a layer's blocks become.
pub struct Compressor(Compression);

impl Compressor {
    /// For a choice as `--compression` has it; `None` if it is not a valid one.
    #[must_use]
    pub fn new(choice: &str) -> Option<Self> {
        choice.parse().ok().map(Self)
    }

    /// The size in bytes of a compressed block; `None` if it can't be compressed.
    #[must_use]
    pub fn block(&self, block: &Bytes) -> Option<usize> {
        self.0.block(block.clone()).ok().map(|block| block.len())
    }
}

/// Hashes bytes as blobs are hashed, and gives the length of the digest's text.
#[must_use]
pub fn hash(bytes: &[u8]) -> usize {
    Digest::of(bytes).as_str().len()
}

/// Calls `validate-uri` of the built-in flavor `default` on a warm host, `calls` times, and gives how long each took.
/// `home` is an empty directory for what crhost stores. `None` if a call fails.
#[must_use]
pub fn validate_uri(home: &Path, calls: usize) -> Option<Vec<std::time::Duration>> {
    let store = Store::open(&Home::at(home)).ok()?;
    let runtime = Runtime::new(None).ok()?;
    let executor = tokio::runtime::Builder::new_multi_thread().enable_all().build().ok()?;
    executor.block_on(async {
        let (flavor, _) = Catalog::new(&runtime, &store).get("default").await.ok()?;
        let mut times = Vec::with_capacity(calls);
        for _ in 0..calls {
            let start = std::time::Instant::now();
            let accepted = flavor.validate_uri("registry.example.com/acme/train").await;
            times.push(start.elapsed());
            accepted.ok()?;
            drop(flavor.take_usage());
        }
        Some(times)
    })
}
