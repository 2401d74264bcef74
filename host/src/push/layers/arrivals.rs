//! The layers that arrived in the registry. They are remembered while others are still sent.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::encoder::Encoder;
use crate::image::{Descriptor, Digest};
use crate::push::inventory::Inventory;
use crate::source::LayerKey;
use crate::store::Store;

/// How often new blobs are written to the store: often enough that a push which is killed compresses little again,
/// seldom enough that a hundred small layers are not a hundred transactions.
const SAVE_INTERVAL: Duration = Duration::from_secs(2);

/// Collects arrivals.
pub(super) struct Arrivals<'a> {
    store: &'a Store,
    encoder: &'a Encoder,
    inventory: &'a mut Inventory,
    /// The configuration, if it came with the layers.
    pub(super) config: Option<Bytes>,
    /// Blobs of compressed layers, by diff id, for each of the store's names for a compression.
    unsaved: BTreeMap<String, Vec<(Digest, Descriptor)>>,
    saved: Instant,
}

impl<'a> Arrivals<'a> {
    /// No arrivals yet.
    pub(super) fn new(store: &'a Store, encoder: &'a Encoder, inventory: &'a mut Inventory) -> Self {
        Self { store, encoder, inventory, config: None, unsaved: BTreeMap::new(), saved: Instant::now() }
    }

    /// Adds a layer that was sent.
    pub(super) fn add(&mut self, key: LayerKey, blob: Descriptor) {
        // A blob that the source has as it is need not be remembered.
        let levels = self.encoder.levels(&key);
        if let (LayerKey::DiffId(diff_id), Some(levels)) = (&key, &levels) {
            self.unsaved.entry(levels.cache_key()).or_default().push((diff_id.clone(), blob.clone()));
        }
        self.inventory.add_sent(key, blob, levels.map(|levels| levels.to_string()));
        if self.saved.elapsed() >= SAVE_INTERVAL {
            self.save();
        }
    }

    /// Writes new blobs to the store.
    pub(super) fn save(&mut self) {
        self.saved = Instant::now();
        for (cache_key, unsaved) in std::mem::take(&mut self.unsaved) {
            let blobs = unsaved.iter().map(|(diff_id, blob)| (diff_id, blob));
            let _ = self.store.as_cache(self.store.cache_layers(&cache_key, blobs));
        }
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
