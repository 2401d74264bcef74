//! An image's manifest: as its source has it, or made of what its layers became; foreseen where that is known from earlier
//! pushes.

use std::collections::HashMap;

use bytes::Bytes;

use super::compression::Compression;
use super::error::PushError;
use crate::image::{Config, Descriptor, Digest, Manifest, media_type};
use crate::source::{Image, Layer, StoredManifest};
use crate::store::Store;

/// The configuration, from the source or, for a daemon's image that was pushed before, from the store.
pub(super) fn known_config(image: &Image, store: &Store) -> Result<Option<Bytes>, PushError> {
    match (&image.config, &image.id) {
        (Some(config), _) => Ok(Some(config.clone())),
        (None, Some(id)) => {
            // Of an index there is one for each platform.
            let is_of = |config: &Vec<u8>| {
                let layers = image.layers.iter().map(Layer::digest);
                Config::parse(config).is_ok_and(|config| config.rootfs.diff_ids.iter().eq(layers))
            };
            Ok(store.config(id)?.filter(is_of).map(Bytes::from))
        }
        (None, None) => Ok(None),
    }
}

/// What an image's manifest says of its configuration.
fn config_descriptor(image: &Image, config: &[u8]) -> Descriptor {
    match &image.manifest {
        Some(manifest) => manifest.parsed.config.clone(),
        None => Descriptor::new(media_type::OCI_CONFIG, Digest::of(config), config.len() as u64),
    }
}

/// The digest of the configuration, which is the same however the layers are compressed. Of a daemon that keeps images in
/// containerd's store, it is that of something else, which is no configuration of any manifest.
pub(super) fn config_digest(image: &Image) -> Option<Digest> {
    match (&image.manifest, &image.config) {
        (Some(manifest), _) => Some(manifest.parsed.config.digest.clone()),
        (None, Some(config)) => Some(Digest::of(config)),
        (None, None) => image.id.clone(),
    }
}

/// The blob that a layer became in an earlier push.
pub(super) fn known_blob(
    diff_id: &Digest,
    compression: Compression,
    store: &Store,
) -> Result<Option<Descriptor>, PushError> {
    Ok(store.compressed_layer(diff_id, &compression.method(), compression.media_type())?)
}

/// The manifest of an image whose blobs are known by the digests that the source knows the layers by. Layers that are blobs
/// already stay as they are.
pub(super) fn assemble(
    image: &Image,
    config: &[u8],
    blobs: &HashMap<Digest, Descriptor>,
) -> Result<StoredManifest, PushError> {
    if let Some(stored) = &image.manifest {
        return Ok(stored.clone());
    }
    let blob = |(number, diff_id): (usize, &Digest)| match image.layers.get(number) {
        Some(Layer::Blob(blob)) => Ok(blob.clone()),
        _ => blobs.get(diff_id).cloned().ok_or_else(|| PushError::MissingLayer(diff_id.clone())),
    };
    let layers = Config::parse(config)?.rootfs.diff_ids.iter().enumerate().map(blob).collect::<Result<_, _>>()?;
    let parsed = Manifest::new(config_descriptor(image, config), layers);
    Ok(StoredManifest { media_type: media_type::OCI_MANIFEST.to_owned(), bytes: parsed.to_bytes().into(), parsed })
}

/// The manifest that a push would end with, where that is known before a layer is read.
pub(super) fn foresee(
    image: &Image,
    compression: Compression,
    store: &Store,
) -> Result<Option<StoredManifest>, PushError> {
    let Some(config) = known_config(image, store)? else { return Ok(None) };
    let mut blobs = HashMap::new();
    for layer in &image.layers {
        if let Layer::Tar { diff_id, .. } = layer {
            let Some(blob) = known_blob(diff_id, compression, store)? else { return Ok(None) };
            blobs.insert(diff_id.clone(), blob);
        }
    }
    // What is wrong with it is said when it is needed.
    Ok(assemble(image, &config, &blobs).ok())
}
