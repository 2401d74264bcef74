//! Finds out which layers have to be sent. It only asks: nothing in the registry changes.

use std::collections::{HashMap, HashSet};

use super::compress::Compression;
use super::error::PushError;
use super::inventory::{Inventory, Outcome};
use super::target_blobs::TargetBlobs;
use crate::distribution::RepositoryClient;
use crate::image::Descriptor;
use crate::retrying::{concurrently, has_blob};
use crate::source::{Layer, LayerKey};
use crate::store::Store;

/// The layers of an image, sorted by the registry's answers. Foreign layers are left out: they are named in the
/// manifest and not uploaded (OCI image specification, "urls").
pub(super) struct Plan {
    /// Layers that the registry has.
    pub(super) present: Inventory,
    /// Known blobs that the registry lacks.
    pub(super) missing: HashMap<LayerKey, Descriptor>,
    /// Layers whose blobs are known only when they have been compressed.
    pub(super) unknown: HashSet<LayerKey>,
}

/// The blobs that are known before any layer is read, from the image or from earlier pushes.
pub(super) fn known_blobs(layers: &[Layer], compression: Compression, store: &Store) -> HashMap<LayerKey, Descriptor> {
    let mut known = HashMap::new();
    for layer in layers {
        let blob = match layer {
            Layer::Blob(blob) => Some(blob.clone()),
            Layer::Tar { diff_id, .. } => {
                let found = |key: &str| {
                    let found = store.compressed_layer(diff_id, key, compression.media_type());
                    store.as_cache(found).flatten()
                };
                found(&compression.cache_key()).or_else(|| found(compression.proved_key()))
            }
        };
        known.extend(blob.map(|blob| (layer.key(), blob)));
    }
    known
}

/// Asks the registry for every known blob that it is not known to have.
pub(super) async fn plan(
    repository: &RepositoryClient,
    blobs: &TargetBlobs,
    layers: &[Layer],
    known: &HashMap<LayerKey, Descriptor>,
) -> Result<Plan, PushError> {
    let unknown = layers.iter().map(Layer::key).filter(|key| !known.contains_key(key)).collect();
    let own = known.iter().filter(|(_, blob)| blob.urls.is_empty());
    let questions = own.map(|(key, blob)| async move {
        let is_present = blobs.has(blob) || has_blob(repository, blob).await?;
        Ok::<_, PushError>((key, blob, is_present))
    });
    let mut plan = Plan { present: Inventory::default(), missing: HashMap::new(), unknown };
    for (key, blob, is_present) in concurrently(questions).await? {
        match is_present {
            true => {
                blobs.add(blob);
                plan.present.add(key.clone(), blob.clone(), Outcome::Present);
            }
            false => drop(plan.missing.insert(key.clone(), blob.clone())),
        }
    }
    Ok(plan)
}
