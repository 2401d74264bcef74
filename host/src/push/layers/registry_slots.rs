//! The slots of one registry among several.
//!
//! Two limits hold together: layers that are sent to this registry at once, and layers that are read at once for all
//! registries, which bounds the memory. An upload that goes its own way holds one of few shares of the second, so that
//! slow registries leave slots to the others.

use std::sync::Arc;

use super::slots::{Slot, UploadSlots};

/// The limits that hold for one registry.
#[derive(Clone)]
pub(super) struct RegistrySlots {
    /// Layers that are sent to this registry at once.
    uploads: Arc<UploadSlots>,
    /// Layers that are read at once for this registry alone.
    share: Arc<UploadSlots>,
    /// Layers that are read at once for all registries.
    readings: Arc<UploadSlots>,
    /// Whether this is the push's only registry.
    pub(super) is_alone: bool,
}

impl RegistrySlots {
    /// The slots of each of some registries, and those of all readings; `jobs` is the user's number.
    pub(super) fn of_registries(registries: usize, jobs: Option<usize>) -> (Arc<UploadSlots>, Vec<Self>) {
        let readings = Arc::new(UploadSlots::new(jobs, 1));
        let of_one = || Self {
            uploads: Arc::new(UploadSlots::new(jobs, 1)),
            share: Arc::new(UploadSlots::new(jobs, registries)),
            readings: Arc::clone(&readings),
            is_alone: registries == 1,
        };
        let all = std::iter::repeat_with(of_one).take(registries).collect();
        (readings, all)
    }

    /// Waits for a slot for a layer of `size` bytes, which is sent to this registry.
    pub(super) async fn upload(&self, size: u64) -> Slot {
        self.uploads.acquire(size).await
    }

    /// Waits for the slots to read a layer of `size` bytes for this registry alone. Its upload has a slot by then: who
    /// waits for that holds none of these.
    pub(super) async fn own_reading(&self, size: u64) -> Vec<Slot> {
        vec![self.share.acquire(size).await, self.readings.acquire(size).await]
    }
}
