//! Splits layers that are larger than a registry takes, between their files.
//!
//! A first reading finds out the parts and their digests: the configuration names them, and must be known before a
//! manifest is. What the reader of the layers gives is then split again while it passes. Whole layers pass as they are.
//!
//! The image is another one afterwards, with other diff ids; what containers see is the same. Hence only on request.

mod allocation;
mod configuration;
mod entries;
mod layer;
mod parts;
mod reading;
mod scanning;
mod squeezed;
#[cfg(test)]
mod tests;
mod whole;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::content;
use super::error::SourceError;
use super::feed::{self, Feed, FeedSender, Item};
use super::image::{Image, ImageConfig, Layer, LayerKey};
use crate::image::{Config, Digest};
use layer::{AT_ONCE, SplitLayer};
use parts::Part;
use reading::Archive;
use scanning::Scanned;

/// The layers of an image that are pushed in parts.
pub(super) struct Split {
    /// The most bytes of a part.
    size: u64,
    layers: HashMap<LayerKey, Arc<SplitLayer>>,
}

/// Whether a layer may have to be split: it is larger than a part, or its size is not known.
pub(super) fn may_be_larger(layer: &Layer, size: u64) -> bool {
    match layer {
        Layer::Blob(blob) => blob.urls.is_empty() && blob.size > size,
        Layer::Tar { size: known, .. } => known.is_none_or(|known| known > size),
    }
}

/// Finds out the parts of an image's layers by reading those that [`may_be_larger`], which `feed` gives. Gives the
/// image in parts; `None` where none has several.
///
/// # Errors
/// If the image can't be read, or is an index.
pub(super) async fn split(image: &Image, feed: Feed, size: u64) -> Result<Option<(Image, Split)>, SourceError> {
    let (known, layers) = match image {
        Image::Stored { config, .. } => (Some(config.clone()), image.layers()),
        Image::Layers { config: ImageConfig::Known(config), layers } => (Some(config.clone()), layers.clone()),
        Image::Layers { config: ImageConfig::InFeed { .. }, layers } => (None, layers.clone()),
        Image::Index(_) => return Err(SourceError::SplitIndex),
    };
    let diff_ids = |config: &[u8]| Ok::<_, SourceError>(Config::parse(config)?.rootfs.diff_ids);
    let of_blobs = match &known {
        Some(config) => blobs_by_diff_id(&layers, &diff_ids(config)?),
        None => HashMap::new(),
    };
    let Scanned { layers: scanned, config } = scanning::scan(feed, of_blobs, size).await?;
    let split = Split { size, layers: scanned };
    let Some(config) = known.or(config).filter(|_| !split.layers.is_empty()) else { return Ok(None) };
    let diff_ids = diff_ids(&config)?;
    if diff_ids.len() != layers.len() {
        // An artifact whose configuration names no layers: parts of a layer would mean something else.
        return Ok(None);
    }
    let parts: Vec<Vec<Digest>> = layers.iter().zip(diff_ids).map(|(layer, own)| split.diff_ids(layer, own)).collect();
    let config = configuration::with_parts(&config, &parts).map_err(SourceError::Configuration)?;
    let layers = layers.into_iter().flat_map(|layer| split.layer(layer)).collect();
    Ok(Some((Image::Layers { config: ImageConfig::Known(config.into()), layers }, split)))
}

/// The diff ids of the layers that are blobs.
fn blobs_by_diff_id(layers: &[Layer], diff_ids: &[Digest]) -> HashMap<LayerKey, Digest> {
    match layers.len() == diff_ids.len() {
        true => layers.iter().map(Layer::key).zip(diff_ids.iter().cloned()).collect(),
        false => HashMap::new(),
    }
}

impl Split {
    /// The diff ids of a layer's parts, or its own.
    fn diff_ids(&self, layer: &Layer, own: Digest) -> Vec<Digest> {
        let split = self.layers.get(&layer.key());
        split.map_or_else(|| vec![own], |split| split.parts.iter().map(|part| part.diff_id.clone()).collect())
    }

    /// A layer's parts, or itself.
    fn layer(&self, layer: Layer) -> Vec<Layer> {
        let part = |part: &Part| Layer::Tar { diff_id: part.diff_id.clone(), size: Some(part.size) };
        match self.layers.get(&layer.key()) {
            Some(split) => split.parts.iter().map(part).collect(),
            None => vec![layer],
        }
    }

    /// The layers to be read for wanted layers and parts.
    pub(super) fn read_for(&self, wanted: &HashSet<LayerKey>) -> HashSet<LayerKey> {
        let is_wanted = |part: &Part| wanted.contains(&LayerKey::DiffId(part.diff_id.clone()));
        let split = self.layers.iter().filter(|(_, split)| split.parts.iter().any(is_wanted));
        split.map(|(key, _)| key).chain(wanted).cloned().collect()
    }

    /// Passes on what a reader gives, with the wanted parts in the place of the layers that are split.
    pub(super) fn feed(self: Arc<Self>, from: Feed, wanted: HashSet<LayerKey>) -> Feed {
        let (sender, feed) = feed::feed();
        tokio::spawn(self.pass(from, Arc::new(wanted), sender));
        feed
    }

    async fn pass(self: Arc<Self>, mut from: Feed, wanted: Arc<HashSet<LayerKey>>, sender: FeedSender) {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        while let Some(item) = from.recv().await {
            let passed = match item {
                // The one in parts is known.
                Ok(Item::Config(_)) => continue,
                Ok(item) => match self.of_item(item).await {
                    Ok((item, None)) => Ok(item),
                    Ok((item, Some(layer))) => {
                        // Never closed.
                        let slot = Arc::clone(&slots).acquire_owned().await;
                        let (wanted, sender, size) = (Arc::clone(&wanted), sender.clone(), self.size);
                        tokio::task::spawn_blocking(move || {
                            let _slot = slot;
                            give(Archive::of(item), size, &layer, &wanted, &sender);
                        });
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
            if sender.send(passed).await.is_err() {
                return;
            }
        }
    }

    /// Finds the parts of a layer that a reader gives, if it is split.
    async fn of_item(&self, item: Item) -> Result<(Item, Option<Arc<SplitLayer>>), SourceError> {
        match item {
            Item::Blob(blob, content) => {
                let layer = self.layers.get(&LayerKey::Blob(blob.digest.clone())).cloned();
                Ok((Item::Blob(blob, content), layer))
            }
            Item::Tar(mut content) => {
                if let Some(expected) = &content.expected {
                    let layer = self.layers.get(&LayerKey::DiffId(expected.clone())).cloned();
                    return Ok((Item::Tar(content), layer));
                }
                let head = (reading::head(&mut content).await?, content.size);
                let like = |same: fn(&(Digest, u64), &(Digest, u64)) -> bool| {
                    self.layers.values().find(|layer| same(&layer.head, &head)).cloned()
                };
                // Two readers of a layer may count it differently.
                let layer = like(|one, other| one == other).or_else(|| like(|one, other| one.0 == other.0));
                Ok((Item::Tar(content), layer))
            }
            Item::Config(config) => Ok((Item::Config(config), None)),
        }
    }
}

/// Gives the wanted parts of a layer, one after the other, each verified by its diff id.
fn give(archive: Archive, size: u64, layer: &SplitLayer, wanted: &HashSet<LayerKey>, sender: &FeedSender) {
    let given = archive.open().and_then(|archive| {
        parts::give(archive, size, &layer.parts, |part, bytes| {
            if !wanted.contains(&LayerKey::DiffId(part.diff_id.clone())) {
                return true;
            }
            let (writer, content) = content::channel(part.size, Some(part.diff_id.clone()));
            if sender.blocking_send(Ok(Item::Tar(content))).is_err() {
                return false;
            }
            writer.copy(bytes).unwrap_or_else(|interrupted| interrupted.fail());
            // Otherwise the rest would be read for no one.
            !sender.is_closed()
        })
    });
    if let Err(error) = given {
        let _ = sender.blocking_send(Err(error.into()));
    }
}
