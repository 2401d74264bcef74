//! Finds out which layers have to be sent. It only asks: nothing in the registry changes.

use std::collections::{HashMap, HashSet};

use super::compress::Compression;
use super::error::PushError;
use super::inventory::{Inventory, Outcome};
use super::target_blobs::TargetBlobs;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest};
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

/// The blobs that are known before any layer is read, from the image or from earlier pushes; the likelier ones first,
/// and at least one for each layer.
pub(super) type Known = HashMap<LayerKey, Vec<Descriptor>>;

/// Looks the blobs up.
pub(super) fn known_blobs(layers: &[Layer], compression: Compression, store: &Store) -> Known {
    let keys: Vec<String> = [compression.cache_key()].into_iter().chain(compression.also_known_as()).collect();
    let blobs = |layer: &Layer| match layer {
        Layer::Blob(blob) => vec![blob.clone()],
        Layer::Tar { diff_id, .. } => {
            let found = keys.iter().filter_map(|key| compressed(diff_id, key, compression, store));
            // Of fixed levels there is one that counts; with `auto`, registries may have different ones.
            found.take(if compression == Compression::Auto { keys.len() } else { 1 }).collect()
        }
    };
    layers.iter().map(|layer| (layer.key(), blobs(layer))).filter(|(_, blobs)| !blobs.is_empty()).collect()
}

/// The blob that a layer became when it was compressed so; unknown where the store can't tell.
pub(super) fn compressed(diff_id: &Digest, key: &str, compression: Compression, store: &Store) -> Option<Descriptor> {
    store.as_cache(store.compressed_layer(diff_id, key, compression.media_type())).flatten()
}

/// Asks the registry for every known blob that it is not known to have.
pub(super) async fn plan(
    repository: &RepositoryClient,
    blobs: &TargetBlobs,
    layers: &[Layer],
    known: &Known,
) -> Result<Plan, PushError> {
    let unknown = layers.iter().map(Layer::key).filter(|key| !known.contains_key(key)).collect();
    let own = known.iter().filter_map(|(key, of_layer)| Some((key, of_layer, of_layer.first()?)));
    let own = own.filter(|(.., blob)| blob.urls.is_empty());
    let questions = own.map(|(key, of_layer, first)| async move {
        for blob in of_layer {
            if blobs.has(blob) || has_blob(repository, blob).await? {
                return Ok::<_, PushError>((key, blob, true));
            }
        }
        Ok((key, first, false))
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
