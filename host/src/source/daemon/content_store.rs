//! Images of a Docker daemon on this machine that keeps them in containerd's content store, read there: blobs by their digests,
//! as in an OCI layout.
//!
//! The daemon exports them slowly, with all their layers, and what it has compressed would be compressed again. Nothing found
//! here is believed: all of it is proved by digests, from that on which the daemon named, so that it does not matter whether
//! the folder really belongs to the daemon.
//!
//! The folder is that of `plugins/content/local` of <https://github.com/containerd/containerd>; where it is, follows
//! `cmd/dockerd/daemon.go` and `libcontainerd/supervisor` of <https://github.com/moby/moby>.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::folder::Folder;
use crate::docker::{Engine, LocalImage};
use crate::image::{Config, Descriptor, Digest, Index, Manifest, media_type};
use crate::source::content::Content;
use crate::source::error::SourceError;
use crate::source::{Image, Item, Layer, MAX_DOCUMENT, StoredManifest};

/// Where the system's containerd keeps everything, unless it is told otherwise.
const SYSTEM: &str = "/var/lib/containerd";

/// Where a containerd that Docker starts itself does so, below Docker's root folder.
const OWN: &str = "containerd/daemon";

/// The blobs, below containerd's root folder.
const BLOBS: &str = "io.containerd.content.v1.content/blobs/sha256";

/// The layers of an image in the store.
#[derive(Clone)]
pub(in crate::source) struct ContentStore {
    blobs: Arc<Folder>,
    layers: Vec<Layer>,
}

/// An image's manifest, and the configuration that it names.
struct Found {
    manifest: StoredManifest,
    config: Bytes,
}

impl ContentStore {
    /// Finds an image in the stores that may be the daemon's, and leaves it without a name.
    ///
    /// # Errors
    /// Why it can't be read there.
    pub(super) async fn find(engine: &Engine, local: &LocalImage) -> Result<(Image, Self), String> {
        if !engine.endpoint().is_local() {
            return Err(format!("`{}` may be another machine", engine.endpoint()));
        }
        let open = async |root: PathBuf| {
            let local = local.clone();
            let opened = tokio::task::spawn_blocking(move || Self::open(&root, &local)).await;
            opened.map_err(|panicked| panicked.to_string())?
        };
        let reason = match open(SYSTEM.into()).await {
            Ok(found) => return Ok(found),
            Err(reason) => reason,
        };
        let root = engine.root(local.id.as_str()).await.map_err(|error| error.to_string())?;
        open(root.join(OWN)).await.map_err(|another| format!("{reason}; {another}"))
    }

    /// Opens an image in the store below containerd's root folder.
    fn open(root: &Path, local: &LocalImage) -> Result<(Image, Self), String> {
        let place = root.join(BLOBS);
        let told = |reason: String| format!("`{}`: {reason}", place.display());
        let blobs =
            Folder::open(root).and_then(|root| root.folder(BLOBS)).map_err(|reason| told(reason.to_string()))?;
        let Found { manifest, config } = find(&blobs, local).map_err(told)?;
        let layers = layers(&blobs, &manifest.parsed, &local.diff_ids).map_err(told)?;
        // The daemon stores a layer that it was given uncompressed as it is; no registry should have it so.
        let is_raw = |layer: &Layer| matches!(layer, Layer::Tar { .. });
        let (layers, manifest) = match layers.iter().any(is_raw) {
            false => (layers, Some(manifest)),
            true => (layers.into_iter().map(for_new_manifest).collect::<Result<_, _>>().map_err(told)?, None),
        };
        let image = Image { name: None, config: Some(config), id: None, layers: layers.clone(), manifest, index: None };
        Ok((image, Self { blobs: Arc::new(blobs), layers }))
    }

    /// Gives the wanted layers, the largest first, so that none is sent alone at the end.
    pub(super) fn feed(mut self, wanted: &HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        let mut seen = HashSet::new();
        self.layers.retain(|layer| wanted.contains(layer.digest()) && seen.insert(layer.digest().clone()));
        self.layers.sort_by_key(|layer| Reverse(layer.size()));
        tokio::spawn(async move {
            for layer in self.layers {
                // Opened when there is room for it, so that a hundred layers are not a hundred open files.
                let Ok(place) = sender.reserve().await else { return };
                let (blobs, digest, size) = (Arc::clone(&self.blobs), layer.digest().clone(), layer.size());
                let (name, size) = (digest.hex().to_owned(), size.unwrap_or_default());
                let open = move || Ok(Box::new(blobs.file(name.as_bytes())?) as Box<dyn Read>);
                place.send(Ok(match layer {
                    Layer::Blob(blob) => Item::Blob(blob, Content::spawn_unproved(size, digest, open)),
                    Layer::Tar { .. } => Item::Tar(Content::spawn(size, digest, open)),
                }));
            }
        });
    }
}

/// Finds the manifest that the daemon means: the one of the image's id, or in an index of this id one for the platform that
/// the daemon chose. Those for others need not be there.
fn find(blobs: &Folder, local: &LocalImage) -> Result<Found, String> {
    let bytes = document(blobs, &local.id)?;
    let Ok(index) = Index::parse(&bytes) else { return Found::read(blobs, bytes, local) };
    let is_meant = |entry: &&Descriptor| {
        entry.is_manifest() && entry.platform.as_ref().is_none_or(|platform| local.platform.accepts(platform))
    };
    let mut none = format!("index {} names no manifest for {}", local.id, local.platform);
    for entry in index.manifests.iter().filter(is_meant) {
        match document(blobs, &entry.digest).and_then(|bytes| Found::read(blobs, bytes, local)) {
            Ok(found) => return Ok(found),
            Err(reason) => none = reason,
        }
    }
    Err(none)
}

impl Found {
    fn read(blobs: &Folder, bytes: Bytes, local: &LocalImage) -> Result<Self, String> {
        let parsed = Manifest::parse(&bytes).map_err(|reason| reason.to_string())?;
        let config = document(blobs, &parsed.config.digest)?;
        if Config::parse(&config).map_err(|reason| reason.to_string())?.rootfs.diff_ids != local.diff_ids {
            return Err(format!("configuration {} names other layers than the daemon", parsed.config.digest));
        }
        // Only manifests of the OCI may leave their type to others to tell (OCI image specification, "Image Manifest").
        let media_type = parsed.media_type.clone().unwrap_or_else(|| media_type::OCI_MANIFEST.to_owned());
        Ok(Self { manifest: StoredManifest { media_type, bytes, parsed }, config })
    }
}

/// The layers of a manifest, each there in its whole size. One whose digest is its diff id is not compressed.
fn layers(blobs: &Folder, manifest: &Manifest, diff_ids: &[Digest]) -> Result<Vec<Layer>, String> {
    let (found, known) = (manifest.layers.len(), diff_ids.len());
    if found != known {
        return Err(format!("the manifest has {found} layers, its configuration {known}"));
    }
    let layer = |(blob, diff_id): (&Descriptor, &Digest)| {
        if blob.urls.is_empty() {
            let file = blobs.file(blob.digest.hex().as_bytes()).and_then(|file| file.metadata());
            let size = file.map_err(|reason| format!("layer {}: {reason}", blob.digest))?.len();
            if size != blob.size {
                return Err(format!("layer {} has {size} bytes, expected {}", blob.digest, blob.size));
            }
        }
        Ok(match blob.digest == *diff_id {
            true => Layer::Tar { diff_id: diff_id.clone(), size: Some(blob.size) },
            false => Layer::Blob(blob.clone()),
        })
    };
    manifest.layers.iter().zip(diff_ids).map(layer).collect()
}

/// A layer beside some that are yet to be compressed, as the manifest names it that is made of all: an OCI one.
fn for_new_manifest(layer: Layer) -> Result<Layer, String> {
    let Layer::Blob(blob) = layer else { return Ok(layer) };
    let media_type = match blob.media_type.as_str() {
        media_type::OCI_LAYER_GZIP | media_type::DOCKER_LAYER_GZIP => media_type::OCI_LAYER_GZIP,
        media_type::OCI_LAYER_ZSTD => media_type::OCI_LAYER_ZSTD,
        other => {
            let other = crate::text::printable(other, 100);
            return Err(format!("layer {} is a `{other}` beside uncompressed ones", blob.digest));
        }
    };
    Ok(Layer::Blob(Descriptor::new(media_type, blob.digest, blob.size)))
}

/// A manifest, index or configuration, proved by its digest.
fn document(blobs: &Folder, digest: &Digest) -> Result<Bytes, String> {
    let bytes = blobs.read(digest.hex(), MAX_DOCUMENT)?;
    if Digest::of(&bytes) == *digest { Ok(bytes.into()) } else { Err(format!("{digest} has other bytes")) }
}

#[cfg(test)]
mod tests;
