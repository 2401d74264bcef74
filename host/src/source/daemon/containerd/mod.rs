//! Images of a daemon that keeps them in containerd's content store: blobs by their digests, as in an OCI layout.
//!
//! The daemon's export of such an image is slow and has all of its layers, and those that are compressed would be
//! compressed again. Nothing in the store is trusted: everything is verified by digests, beginning with the image's id,
//! so that it does not matter whether the directory really belongs to the daemon.
//!
//! The layout is that of `plugins/content/local` of <https://github.com/containerd/containerd>; its place follows from
//! `cmd/dockerd/daemon.go` and `libcontainerd/supervisor` of <https://github.com/moby/moby>.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::docker::{Engine, LocalImage};
use crate::image::{Config, Descriptor, Digest, Index, Manifest, Platform, media_type};
use crate::network::io_words;
use crate::source::confined::ConfinedDir;
use crate::source::content::Origin;
use crate::source::document::MAX_DOCUMENT;
use crate::source::feed::{self, FeedSender, Item};
use crate::source::image::{Image, ImageConfig, Layer, LayerKey, StoredManifest};

/// Root directory of the system's containerd by default.
pub(super) const SYSTEM: &str = "/var/lib/containerd";

/// Root directory of a containerd that Docker starts itself, below Docker's own root directory.
pub(super) const OWN: &str = "containerd/daemon";

/// The blobs, below containerd's root directory.
const BLOBS: &str = "io.containerd.content.v1.content/blobs/sha256";

/// Whether the store below containerd's root directory can be read.
///
/// # Errors
/// Why not.
pub(super) fn readable(root: &Path) -> Result<(), String> {
    let opened = ConfinedDir::open(root).and_then(|root| root.dir(BLOBS));
    opened.map(drop).map_err(|reason| format!("`{}`: {}", root.join(BLOBS).display(), io_words(&reason)))
}

/// The layers of an image in the store.
#[derive(Clone)]
pub(in crate::source) struct ContentStore {
    blobs: Arc<ConfinedDir>,
    layers: Vec<Layer>,
}

/// An image's manifest, and the configuration that it names.
struct Found {
    manifest: StoredManifest,
    config: Bytes,
}

impl ContentStore {
    /// Finds an image in the stores that may be the daemon's.
    ///
    /// # Errors
    /// The reason why it can't be read there.
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

    /// Opens an image in the store below containerd's root directory.
    fn open(root: &Path, local: &LocalImage) -> Result<(Image, Self), String> {
        let in_store = |reason: String| format!("`{}`: {reason}", root.join(BLOBS).display());
        let blobs = ConfinedDir::open(root).and_then(|root| root.dir(BLOBS));
        let blobs = blobs.map_err(|reason| in_store(reason.to_string()))?;
        let Found { manifest, config } = find(&blobs, local).map_err(in_store)?;
        let layers = layers(&blobs, &manifest.parsed, &local.diff_ids).map_err(in_store)?;
        // A layer that was loaded uncompressed is stored so. It is compressed here, which needs a new manifest.
        let is_raw = |layer: &Layer| matches!(layer, Layer::Tar { .. });
        if layers.iter().any(is_raw) {
            let layers: Vec<Layer> =
                layers.into_iter().map(for_new_manifest).collect::<Result<_, _>>().map_err(in_store)?;
            let image = Image::Layers { config: ImageConfig::Known(config), layers: layers.clone() };
            return Ok((image, Self { blobs: Arc::new(blobs), layers }));
        }
        Ok((Image::Stored { manifest: Box::new(manifest), config }, Self { blobs: Arc::new(blobs), layers }))
    }

    /// Gives the wanted layers, the largest first.
    pub(super) fn feed(self, wanted: &HashSet<LayerKey>, sender: FeedSender) {
        let layers = feed::largest_first(self.layers, wanted, Layer::key, |layer| layer.size().unwrap_or_default());
        let blobs = self.blobs;
        tokio::spawn(async move { feed::give(layers, &sender, |layer| open(&blobs, layer)).await });
    }
}

fn open(blobs: &Arc<ConfinedDir>, layer: Layer) -> Item {
    let origin = |digest: &Digest, size| {
        let (blobs, name) = (Arc::clone(blobs), digest.hex().to_owned());
        Origin::new(size, digest.clone(), move || Ok(Box::new(blobs.file(name.as_bytes())?) as Box<dyn Read>))
    };
    match layer {
        Layer::Tar { diff_id, size } => Item::Tar(origin(&diff_id, size.unwrap_or_default()).read()),
        Layer::Blob(blob) => {
            let content = origin(&blob.digest, blob.size).unverified().read();
            Item::Blob(blob, content)
        }
    }
}

/// Finds the image's manifest: that of its id or, if the id is that of an index, the one for the daemon's platform.
/// Manifests for other platforms need not be there.
fn find(blobs: &ConfinedDir, local: &LocalImage) -> Result<Found, String> {
    let bytes = document(blobs, &local.id)?;
    if Manifest::parse(&bytes).is_ok() {
        return Found::read(blobs, bytes, local);
    }
    let index = Index::parse(&bytes).map_err(|reason| reason.to_string())?;
    let fits = |platform: &Platform| !local.platform.is_known() || local.platform.accepts(platform);
    let is_meant = |entry: &&Descriptor| entry.is_manifest() && entry.platform.as_ref().is_none_or(fits);
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
    fn read(blobs: &ConfinedDir, bytes: Bytes, local: &LocalImage) -> Result<Self, String> {
        let parsed = Manifest::parse(&bytes).map_err(|reason| reason.to_string())?;
        let config = document(blobs, &parsed.config.digest)?;
        if Config::parse(&config).map_err(|reason| reason.to_string())?.rootfs.diff_ids != local.diff_ids {
            return Err(format!("configuration {} names other layers than the daemon", parsed.config.digest));
        }
        // Only OCI manifests may lack their media type (OCI image specification, "Image Manifest").
        let media_type = parsed.media_type.clone().unwrap_or_else(|| media_type::OCI_MANIFEST.to_owned());
        Ok(Self { manifest: StoredManifest { media_type, bytes, parsed }, config })
    }
}

/// The layers of a manifest, checked to be there in their whole size. A layer whose digest is its diff id is not
/// compressed.
fn layers(blobs: &ConfinedDir, manifest: &Manifest, diff_ids: &[Digest]) -> Result<Vec<Layer>, String> {
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

/// A layer for a new manifest, which is an OCI one: with an OCI media type.
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

/// A manifest, index or configuration, verified by its digest.
fn document(blobs: &ConfinedDir, digest: &Digest) -> Result<Bytes, String> {
    let bytes = blobs.read(digest.hex(), MAX_DOCUMENT)?;
    if Digest::of(&bytes) == *digest { Ok(bytes.into()) } else { Err(format!("{digest} has other bytes")) }
}

#[cfg(test)]
mod tests;
