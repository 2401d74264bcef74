//! One image of the storage.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;

use super::configuration::Store;
use super::error::StorageError;
use super::find::{Found, find, split_tag};
use super::location::StorageLocation;
use super::records::{ImageRecord, LayerRecord};
use super::store::OpenStore;
use crate::image::{Config, Digest, Index, Manifest, Platform, near};
use crate::source::content::Origin;
use crate::source::error::SourceError;
use crate::source::feed::{self, FeedSender, Item};
use crate::source::image::{Image, ImageConfig, Layer, LayerKey};
use crate::source::opened::Opened;
use crate::source::platform::ensure_platform;
use crate::text::{Escaped, Foreign};

/// More layers than an image has: overlayfs stacks at most 500 directories.
const MAX_LAYERS: usize = 500;

/// Podman's prefix of names that are of no registry.
const LOCAL: &str = "localhost/";

/// Reads the layers of an image.
#[derive(Clone)]
pub(in crate::source) struct StoredImage {
    layers: Vec<StoredLayer>,
}

/// A layer in the storage.
#[derive(Clone)]
struct StoredLayer {
    store: Arc<OpenStore>,
    id: String,
    diff_id: Digest,
    size: u64,
}

/// An image, and the store that has it.
struct Place<'a> {
    store: &'a OpenStore,
    record: &'a ImageRecord,
    name: &'a str,
}

/// Opens an image.
///
/// # Errors
/// When no store has it, or it can't be read there.
pub(in crate::source) fn open(
    location: &StorageLocation,
    stores: Vec<Store>,
    platform: Option<&Platform>,
) -> Result<Opened<StoredImage>, SourceError> {
    let stores = opened(&stores)?;
    let place = locate(&stores, &location.name)?;
    let place = place.of_platform(&stores, platform)?;
    let config = place.config()?;
    let parsed = Config::parse(&config)?;
    ensure_platform(&location.name, parsed.platform().as_ref(), platform)?;
    let reader = StoredImage { layers: place.layers(&stores, &parsed.rootfs.diff_ids)? };
    tracing::info!("the layers are read in the storage in `{}`", place.store.root.display());
    let layer = |layer: &StoredLayer| Layer::Tar { diff_id: layer.diff_id.clone(), size: Some(layer.size) };
    let image = Image::Layers { config: ImageConfig::Known(config), layers: reader.layers.iter().map(layer).collect() };
    Ok(Opened { name: typed_name(&location.name, place.record), suggestions: Vec::new(), image, reader })
}

/// Whether the storage has an image of this name.
pub(in crate::source) fn has(stores: &[Store], name: &str) -> bool {
    opened(stores).is_ok_and(|stores| locate(&stores, name).is_ok())
}

/// The stores; of those besides the main one, the ones that are there.
pub(super) fn opened(stores: &[Store]) -> Result<Vec<Arc<OpenStore>>, StorageError> {
    let mut open = Vec::new();
    for store in stores {
        match OpenStore::open(store) {
            Ok(store) => open.push(Arc::new(store)),
            Err(error) if open.is_empty() => return Err(error),
            Err(error) => tracing::debug!("a further store is left out: {error}"),
        }
    }
    Ok(open)
}

/// The image that a name means, in the first store that has it.
fn locate<'a>(stores: &'a [Arc<OpenStore>], name: &'a str) -> Result<Place<'a>, StorageError> {
    for store in stores {
        match find(&store.images, name) {
            Found::One(record) => return Ok(Place { store, record, name }),
            Found::Several(images) => {
                let found = images.into_iter().map(|image| image.shown().into()).collect();
                return Err(StorageError::Ambiguous { root: store.root.as_path().into(), name: name.into(), found });
            }
            Found::None => {}
        }
    }
    Err(unknown(stores, name))
}

/// The error for an image that no store has.
pub(super) fn unknown(stores: &[Arc<OpenStore>], name: &str) -> StorageError {
    // Podman's prefix for names of this machine would make every short name unlike them.
    let names = stores.iter().flat_map(|store| &store.images).flat_map(|image| &image.names);
    let names: Vec<String> = names.map(|name| name.strip_prefix(LOCAL).unwrap_or(name).to_owned()).collect();
    let root = stores.first().map(|store| store.root.as_path().into()).unwrap_or_default();
    StorageError::Unknown { root, name: name.into(), near: near(name, &names) }
}

/// The name as the user typed it, if it is one that the image could have elsewhere. What stands behind an `@` chose the
/// image, and is no part of it, as in an archive: layers that were unpacked are not compressed into the same manifest
/// again. Then the name counts if it has a tag.
fn typed_name(text: &str, record: &ImageRecord) -> Option<String> {
    let (name, is_chosen) = text.rsplit_once('@').map_or((text, false), |(name, _)| (name, true));
    let is_id = record.id.starts_with(name.trim_start_matches("sha256:"));
    (!is_id && (split_tag(name).is_some() || !is_chosen)).then(|| name.strip_prefix(LOCAL).unwrap_or(name).to_owned())
}

impl<'a> Place<'a> {
    fn error(&self, reason: impl fmt::Display) -> StorageError {
        let (root, name) = (self.store.root.as_path().into(), self.name.into());
        StorageError::Image { root, name, reason: Escaped::of(reason), is_denied: false }
    }

    fn unreadable(&self, part: impl fmt::Display, reason: &io::Error) -> StorageError {
        let (root, name) = (self.store.root.as_path().into(), self.name.into());
        let is_denied = reason.kind() == io::ErrorKind::PermissionDenied;
        let reason = Escaped::of(format_args!("{part}: {}", Foreign(reason)));
        StorageError::Image { root, name, reason, is_denied }
    }

    fn document(&self, key: &str) -> Result<Vec<u8>, StorageError> {
        let read = self.store.document(self.record, key);
        read.map_err(|reason| self.unreadable(format_args!("its `{key}`"), &reason))
    }

    /// The image itself or, of a list that `podman manifest` made, its image for the platform.
    fn of_platform(self, stores: &'a [Arc<OpenStore>], platform: Option<&Platform>) -> Result<Self, StorageError> {
        let manifest = self.document("manifest")?;
        let index = match Index::parse(&manifest) {
            Ok(index) if Manifest::parse(&manifest).is_err() => index,
            _ => return Ok(self),
        };
        let wanted = platform.cloned().unwrap_or_else(Platform::of_this_machine);
        for accepted in wanted.with_older_variants() {
            let fits = |entry: &Option<Platform>| entry.as_ref().is_some_and(|offered| accepted.accepts(offered));
            for entry in index.manifests.iter().filter(|entry| fits(&entry.platform)) {
                for store in stores {
                    let has =
                        |image: &&ImageRecord| image.has_digest(entry.digest.as_str()) && image.id != self.record.id;
                    if let Some(record) = store.images.iter().find(has) {
                        return Ok(Place { store, record, name: self.name });
                    }
                }
            }
        }
        Err(StorageError::Platform { name: self.name.into(), platform: wanted })
    }

    /// The configuration, verified by the digest that the manifest has for it.
    fn config(&self) -> Result<Bytes, StorageError> {
        let manifest = Manifest::parse(&self.document("manifest")?).map_err(|reason| self.error(reason))?;
        let digest = manifest.config.digest;
        let config = self.document(digest.as_str())?;
        match Digest::of(&config) == digest {
            true => Ok(config.into()),
            false => Err(self.error("its configuration has another digest")),
        }
    }

    /// The layers, lowest first, which have to be those of the configuration.
    fn layers(&self, stores: &[Arc<OpenStore>], diff_ids: &[Digest]) -> Result<Vec<StoredLayer>, StorageError> {
        let mut known: HashMap<&str, (&Arc<OpenStore>, &LayerRecord)> = HashMap::new();
        for store in stores {
            for layer in &store.layers {
                known.entry(&layer.id).or_insert((store, layer));
            }
        }
        let (mut layers, mut next) = (Vec::new(), Some(self.record.layer.as_str()).filter(|id| !id.is_empty()));
        while let Some(id) = next {
            let (store, layer) = known.get(id).ok_or_else(|| self.error(format_args!("layer `{id}` is absent")))?;
            let diff_id = layer.diff_digest.as_deref().and_then(|digest| digest.parse::<Digest>().ok());
            layers.push((Arc::clone(store), *layer, diff_id));
            next = layer.parent.as_deref();
            if layers.len() > MAX_LAYERS {
                return Err(self.error("its layers have no end"));
            }
        }
        layers.reverse();
        if layers.len() != diff_ids.len() {
            let (found, named) = (layers.len(), diff_ids.len());
            return Err(self.error(format_args!("it has {found} layers, its configuration {named}")));
        }
        let stored = |((store, layer, found), expected): ((Arc<OpenStore>, &LayerRecord, Option<Digest>), &Digest)| {
            if found.is_some_and(|found| found != *expected) {
                return Err(self.error(format_args!("layer {expected} is another one there")));
            }
            // Opened once now, so that what can't be read is known before anything is sent.
            if let Err(reason) = store.archive(&layer.id) {
                return Err(self.unreadable(format_args!("layer {expected}"), &reason));
            }
            let size = layer.diff_size.unwrap_or_default();
            Ok(StoredLayer { store, id: layer.id.clone(), diff_id: expected.clone(), size })
        };
        layers.into_iter().zip(diff_ids).map(stored).collect()
    }
}

impl StoredImage {
    /// Gives the wanted layers, the largest first.
    pub(in crate::source) fn feed(self, wanted: &HashSet<LayerKey>, sender: FeedSender) {
        let key = |layer: &StoredLayer| LayerKey::DiffId(layer.diff_id.clone());
        let layers = feed::largest_first(self.layers, wanted, key, |layer| layer.size);
        tokio::spawn(async move { feed::give(layers, &sender, StoredLayer::item).await });
    }
}

impl StoredLayer {
    fn item(self) -> Item {
        let (size, diff_id) = (self.size, self.diff_id.clone());
        let open = move || match self.store.archive(&self.id) {
            Ok(archive) => Ok(Box::new(Told { archive, layer: self.diff_id.clone() }) as Box<dyn Read>),
            Err(reason) => Err(told(&self.diff_id, &reason)),
        };
        Item::Tar(Origin::new(size, diff_id, open).read())
    }
}

/// An archive whose errors name the layer and the next step.
struct Told<R> {
    archive: R,
    layer: Digest,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.archive.read(buffer).map_err(|reason| told(&self.layer, &reason))
    }
}

fn told(layer: &Digest, reason: &io::Error) -> io::Error {
    let is_denied = reason.kind() == io::ErrorKind::PermissionDenied;
    let error = StorageError::Layer { layer: layer.clone(), reason: Escaped::of(Foreign(reason)), is_denied };
    io::Error::other(SourceError::Storage(error))
}
