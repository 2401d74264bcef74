//! The manifest of an image that its source has in layers.

use bytes::Bytes;

use super::error::PushError;
use super::published::Published;
use crate::image::{Config, Descriptor, Digest, Manifest, media_type};
use crate::source::{ImageConfig, Layer, LayerKey};
use crate::store::Store;

/// The configuration of an image in layers: from the source, or from an earlier push of this daemon's image.
pub(super) fn known_config(config: &ImageConfig, layers: &[Layer], store: &Store) -> Option<Bytes> {
    let id = match config {
        ImageConfig::Known(config) => return Some(config.clone()),
        ImageConfig::InFeed { id } => id,
    };
    // The id may be that of an index, which has an image for each platform.
    let has_these_layers = |config: &Vec<u8>| {
        let keys = layers.iter().map(Layer::key);
        Config::parse(config).is_ok_and(|config| config.rootfs.diff_ids.into_iter().map(LayerKey::DiffId).eq(keys))
    };
    store.as_cache(store.config(id)).flatten().filter(has_these_layers).map(Bytes::from)
}

/// The descriptor of a configuration, for a new manifest.
pub(super) fn config_descriptor(config: &[u8]) -> Descriptor {
    Descriptor::new(media_type::OCI_CONFIG, Digest::of(config), config.len() as u64)
}

/// The manifest of layers, each of which is a blob already or has become one.
///
/// # Errors
/// [`PushError::MissingLayer`] if `blob` does not know one.
pub(super) fn assemble<'a>(
    layers: &[Layer],
    config: &[u8],
    blob: impl Fn(&LayerKey) -> Option<&'a Descriptor>,
) -> Result<Published, PushError> {
    let descriptor = |layer: &Layer| match layer {
        Layer::Blob(blob) => Ok(blob.clone()),
        Layer::Tar { diff_id, .. } => {
            blob(&layer.key()).cloned().ok_or_else(|| PushError::MissingLayer(diff_id.clone()))
        }
    };
    let layers = layers.iter().map(descriptor).collect::<Result<_, _>>()?;
    let manifest = Manifest::new(config_descriptor(config), layers);
    let bytes = manifest.to_bytes().into();
    let (config, layers) = (Some(manifest.config.digest), manifest.layers);
    Ok(Published { media_type: media_type::OCI_MANIFEST.to_owned(), bytes, config, layers })
}
