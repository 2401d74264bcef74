//! The layers that arrived in the registry. They are remembered while others are still sent.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::image::{Descriptor, Digest};
use crate::push::inventory::{Inventory, Outcome};
use crate::source::LayerKey;
use crate::store::Store;

/// How often new blobs are written to the store: often enough that a push which is killed compresses little again,
/// seldom enough that a hundred small layers are not a hundred transactions.
const SAVE_INTERVAL: Duration = Duration::from_secs(2);

/// Collects arrivals.
pub(super) struct Arrivals<'a> {
    store: &'a Store,
    /// The store's name for the compression.
    cache_key: String,
    inventory: &'a mut Inventory,
    /// The configuration, if it came with the layers.
    pub(super) config: Option<Bytes>,
    /// Blobs of compressed layers, by diff id.
    unsaved: Vec<(Digest, Descriptor)>,
    saved: Instant,
}

impl<'a> Arrivals<'a> {
    /// No arrivals yet.
    pub(super) fn new(store: &'a Store, cache_key: String, inventory: &'a mut Inventory) -> Self {
        Self { store, cache_key, inventory, config: None, unsaved: Vec::new(), saved: Instant::now() }
    }

    /// Adds a layer that was sent.
    pub(super) fn add(&mut self, key: LayerKey, blob: Descriptor) {
        // A blob that the source has as it is need not be remembered.
        if let LayerKey::DiffId(diff_id) = &key {
            self.unsaved.push((diff_id.clone(), blob.clone()));
        }
        self.inventory.add(key, blob, Outcome::Uploaded);
        if self.saved.elapsed() >= SAVE_INTERVAL {
            self.save();
        }
    }

    /// Writes new blobs to the store.
    pub(super) fn save(&mut self) {
        self.saved = Instant::now();
        if self.unsaved.is_empty() {
            return;
        }
        let unsaved = std::mem::take(&mut self.unsaved);
        let blobs = unsaved.iter().map(|(diff_id, blob)| (diff_id, blob));
        let _ = self.store.as_cache(self.store.cache_layers(&self.cache_key, blobs));
    }

    /// The number of layers that the registry has.
    pub(super) fn count(&self) -> usize {
        self.inventory.len()
    }

    /// Whether the registry has a layer.
    pub(super) fn has(&self, key: &LayerKey) -> bool {
        self.inventory.has(key)
    }
}
