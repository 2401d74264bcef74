//! Tells how much of a layer has been sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::distribution::Taken;
use crate::push::progress::{Event, Progress};

/// How far one reading of a layer is, and one upload of it.
#[derive(Clone)]
pub(super) struct Meter {
    /// Bytes of the source that were read.
    read: Arc<AtomicU64>,
    /// Bytes of the blob that were encoded.
    encoded: Arc<AtomicU64>,
}

impl Meter {
    /// Nothing was read.
    pub(super) fn new() -> Self {
        Self { read: Arc::default(), encoded: Arc::default() }
    }

    /// Counts bytes that were read.
    pub(super) fn read(&self, bytes: u64) {
        self.read.fetch_add(bytes, Relaxed);
    }

    /// The same reading, as another upload takes its bytes.
    pub(super) fn of_upload(&self) -> Self {
        Self { read: Arc::clone(&self.read), encoded: Arc::default() }
    }

    /// Counts bytes that were encoded and that the upload has taken.
    pub(super) fn encoded(&self) -> impl Fn(u64) + Send + 'static {
        let encoded = Arc::clone(&self.encoded);
        move |bytes| {
            encoded.fetch_add(bytes, Relaxed);
        }
    }

    /// Reports the bytes that the connection has taken.
    pub(super) fn taken(&self, layer: usize, is_compressed: bool, progress: &Arc<dyn Progress>) -> Taken {
        let (read, encoded, progress) = (Arc::clone(&self.read), Arc::clone(&self.encoded), Arc::clone(progress));
        Arc::new(move |bytes| {
            let source = match is_compressed {
                true => in_source(bytes, read.load(Relaxed), encoded.load(Relaxed)),
                false => bytes,
            };
            progress.event(Event::Sent { layer, bytes, source });
        })
    }
}

/// The bytes of the source that became the first `sent` bytes of the blob, if what was encoded so far is alike.
fn in_source(sent: u64, read: u64, encoded: u64) -> u64 {
    let source = u128::from(read) * u128::from(sent) / u128::from(encoded.max(sent).max(1));
    u64::try_from(source).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_ahead_of_what_was_sent_does_not_count() {
        assert_eq!(in_source(0, 0, 0), 0);
        assert_eq!(in_source(25, 1000, 100), 250);
        assert_eq!(in_source(100, 1000, 100), 1000);
        assert_eq!(in_source(200, 1000, 100), 1000);
    }
}
