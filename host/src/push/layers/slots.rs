//! Limits the layers that are sent at once. For small layers, a registry's answers take more time than their bytes, and
//! many can wait at once. Large ones fill the line and the cores, and more of them at once would only hold more memory.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes up to which a layer is small: one block, so that many small layers hold no more memory than a few large ones.
const SMALL: u64 = 1 << 20;

/// Layers of any size at once. With a round trip of 50 ms, 60 tiny layers take 3.0 s four at once, 1.1 s sixteen at
/// once, and hardly less with more.
const ALL: usize = 16;

/// Large layers at once, by the number of cores. Registries on one machine are fastest at four; more help if there are
/// cores to compress on.
const LARGE: std::ops::RangeInclusive<usize> = 4..=8;

/// The slots of a push, or of several images that are copied side by side. Clones share them.
#[derive(Clone)]
pub(crate) struct UploadSlots {
    all: Arc<Semaphore>,
    large: Arc<Semaphore>,
    /// How many there are of both.
    counts: (usize, usize),
}

/// A slot, free again when this is dropped.
pub(super) struct Slot {
    _all: Option<OwnedSemaphorePermit>,
    _large: Option<OwnedSemaphorePermit>,
}

impl UploadSlots {
    /// As many slots as requested for layers of any size, or as suit this machine.
    pub(crate) fn new(jobs: Option<usize>) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let large = jobs.unwrap_or_else(|| cores().clamp(*LARGE.start(), *LARGE.end()));
        Self::of_counts(jobs.unwrap_or(ALL), large)
    }

    fn of_counts(all: usize, large: usize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { all: semaphore(all), large: semaphore(large), counts: (all, large) }
    }

    /// Further slots, which are shared by no one yet: as many as one of so many parts of these, and at least one.
    pub(super) fn part(&self, parts: usize) -> Self {
        let part = |count: usize| (count / parts.max(1)).max(1);
        Self::of_counts(part(self.counts.0), part(self.counts.1))
    }

    /// Waits for a slot for a layer of `size` bytes.
    pub(super) async fn acquire(&self, size: u64) -> Slot {
        // Neither semaphore is ever closed, so that both permits are granted.
        let large = match size > SMALL {
            true => Arc::clone(&self.large).acquire_owned().await.ok(),
            false => None,
        };
        Slot { _large: large, _all: Arc::clone(&self.all).acquire_owned().await.ok() }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn fill(slots: &UploadSlots, size: u64) -> Vec<Slot> {
        std::iter::from_fn(|| slots.acquire(size).now_or_never()).collect()
    }

    #[test]
    fn small_layers_have_room_when_large_ones_have_none() {
        let slots = UploadSlots::new(None);
        let mut large = fill(&slots, 100 << 20);
        assert!(LARGE.contains(&large.len()));
        assert_eq!(fill(&slots, 1000).len(), ALL - large.len());
        let _small = fill(&slots, 1000);
        large.pop();
        let _one = slots.acquire(100 << 20).now_or_never().unwrap();
        assert!(slots.acquire(1).now_or_never().is_none());
    }

    #[test]
    fn the_users_number_holds_for_both() {
        for jobs in [1, 64] {
            let slots = UploadSlots::new(Some(jobs));
            let large = fill(&slots, 100 << 20);
            assert_eq!(large.len(), jobs);
            assert!(slots.acquire(1).now_or_never().is_none());
        }
    }

    #[test]
    fn a_part_of_few_slots_is_one() {
        for (jobs, parts, slots) in [(1, 3, 1), (6, 3, 2), (8, 3, 2)] {
            assert_eq!(fill(&UploadSlots::new(Some(jobs)).part(parts), 1).len(), slots);
        }
    }
}
