//! The slots of one registry among several.
//!
//! Two limits hold together then: layers that are sent to this registry at once, and layers that are read at once for
//! all registries, which bounds the memory. An upload that goes its own way holds one of few shares of the second, so
//! that slow registries leave slots to the others.

use super::slots::{Slot, UploadSlots};

/// The limits that hold for one registry.
#[derive(Clone)]
pub(in crate::push) struct RegistrySlots {
    /// Layers that are sent to this registry at once.
    uploads: UploadSlots,
    /// The limits of readings. An only registry has none: a layer is read while it is sent.
    readings: Option<Readings>,
}

#[derive(Clone)]
struct Readings {
    /// Layers that are read at once for this registry alone.
    own: UploadSlots,
    /// Layers that are read at once.
    all: UploadSlots,
}

impl RegistrySlots {
    /// The limits of one of so many registries, within those of the push.
    pub(in crate::push) fn of_one(registries: usize, slots: &UploadSlots) -> Self {
        if registries == 1 {
            return Self { uploads: slots.clone(), readings: None };
        }
        let readings = Readings { own: slots.part(registries), all: slots.clone() };
        Self { uploads: slots.part(1), readings: Some(readings) }
    }

    /// Whether this is the push's only registry.
    pub(super) fn is_alone(&self) -> bool {
        self.readings.is_none()
    }

    /// Waits for a slot for a layer of `size` bytes, which is sent to this registry.
    pub(super) async fn upload(&self, size: u64) -> Slot {
        self.uploads.acquire(size).await
    }

    /// Waits for the slot to read a layer of `size` bytes for several registries, each of which has a slot for it.
    pub(super) async fn shared_reading(&self, size: u64) -> Vec<Slot> {
        match &self.readings {
            Some(readings) => vec![readings.all.acquire(size).await],
            None => Vec::new(),
        }
    }

    /// Waits for the slots to read a layer of `size` bytes for this registry alone, which has a slot for it: who waits
    /// for that one holds none of these.
    pub(super) async fn own_reading(&self, size: u64) -> Vec<Slot> {
        match &self.readings {
            Some(readings) => vec![readings.own.acquire(size).await, readings.all.acquire(size).await],
            None => Vec::new(),
        }
    }
}
