//! The most bytes of one request: what the flavor says, or what was learnt when the registry refused a larger one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of the chunks in which layers are sent, shared by all layers of a push: what one learns, the next ones use.
#[derive(Clone, Default)]
pub(super) struct ChunkSize(Arc<AtomicU64>);

impl ChunkSize {
    /// As the flavor says; without a size, layers are sent whole.
    pub(super) fn new(size: Option<u64>) -> Self {
        Self(Arc::new(AtomicU64::new(size.unwrap_or_default())))
    }

    /// The size of chunks; `None` if layers are sent whole.
    pub(super) fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|size| *size > 0)
    }

    /// Sends chunks of at most this size from now on.
    pub(super) fn limit(&self, size: u64) {
        let smaller = |own: u64| Some(if own == 0 { size } else { own.min(size) });
        // The closure refuses nothing.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, smaller);
    }
}
