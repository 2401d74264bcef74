//! The layers of a Docker daemon on this machine, read where the daemon keeps them: by its storage driver overlay2, unpacked,
//! and with the records of what lay between the files.
//!
//! The daemon writes a whole export to its disk before the first byte of it comes; this is several times as fast, and only
//! the layers that are wanted are read. Nothing found here is believed: the configuration and each layer are proved by their
//! digests, so that it does not matter whether the folder really belongs to the daemon that named it.
//!
//! The layout is that of `image/fs.go`, `layer/filestore.go` and `daemon/graphdriver/overlay2` of <https://github.com/moby/moby>.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use tokio::sync::mpsc;

use super::folder::Folder;
use super::tar_split::Archive;
use crate::image::{Config, Digest};
use crate::source::content::Content;
use crate::source::error::{LayerStoreError, SourceError};
use crate::source::{Item, MAX_DOCUMENT};

/// The storage driver whose layers are understood, as the daemon and the folders call it.
pub(super) const DRIVER: &str = "overlay2";

/// Longest of the small files that name things: a digest.
const MAX_NAME: u64 = 71;

/// An image in the store.
pub(super) struct LayerStore {
    root: Arc<Folder>,
    config: Bytes,
    layers: Vec<Stored>,
}

/// Where a layer lies.
struct Stored {
    diff_id: Digest,
    /// The bytes of its files.
    size: u64,
    /// The folder of what is known of it, below the root.
    known: String,
    /// The folder of its files, below the root.
    files: String,
}

impl LayerStore {
    /// Finds an image, and those of its layers that are wanted, below the daemon's root folder.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn open(
        root: &Path,
        id: &Digest,
        diff_ids: &[Digest],
        wanted: &HashSet<Digest>,
    ) -> Result<Self, String> {
        let folder = Folder::open(root).map_err(|reason| format!("`{}`: {reason}", root.display()))?;
        let config = folder.read(&format!("image/{DRIVER}/imagedb/content/sha256/{}", id.hex()), MAX_DOCUMENT)?;
        let parsed = Config::parse(&config).map_err(|reason| reason.to_string())?;
        if Digest::of(&config) != *id || parsed.rootfs.diff_ids != diff_ids {
            return Err(format!("the configuration of {id} is another one there"));
        }
        let (mut layers, mut seen, mut chain) = (Vec::new(), HashSet::new(), None);
        for diff_id in diff_ids {
            let chain_id = chain_id(chain.as_ref(), diff_id);
            if wanted.contains(diff_id) && seen.insert(diff_id) {
                layers.push(Stored::find(&folder, &chain_id, diff_id)?);
            }
            chain = Some(chain_id);
        }
        // The largest first, so that none is sent alone at the end.
        layers.sort_by_key(|layer| Reverse(layer.size));
        Ok(Self { root: Arc::new(folder), config: config.into(), layers })
    }

    /// Gives the configuration and the wanted layers. A layer that can't be read after all ends in a [`LayerStoreError`], and
    /// sets `failed`.
    pub(super) async fn feed(self, failed: Arc<AtomicBool>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        let _ = sender.send(Ok(Item::Config(self.config))).await;
        for layer in self.layers {
            // Opened when there is room for it, so that a hundred layers are not a hundred open files.
            let Ok(place) = sender.reserve().await else { return };
            let (root, failed, size, diff_id) =
                (Arc::clone(&self.root), Arc::clone(&failed), layer.size, layer.diff_id.clone());
            let content = Content::spawn(size, diff_id, move || {
                let told = Told { diff_id: layer.diff_id.clone(), failed: Arc::clone(&failed) };
                let archive = layer.open(&root).map_err(|reason| told.of(reason))?;
                Ok(Box::new(Telling { archive, told }))
            });
            place.send(Ok(Item::Tar(content)));
        }
    }
}

/// The digest that names a layer together with those below it (Docker image specification 1.2, "Layer ChainID").
fn chain_id(below: Option<&Digest>, diff_id: &Digest) -> Digest {
    below.map_or_else(|| diff_id.clone(), |below| Digest::of(format!("{below} {diff_id}").as_bytes()))
}

impl Stored {
    fn find(root: &Folder, chain_id: &Digest, diff_id: &Digest) -> Result<Self, String> {
        let known = format!("image/{DRIVER}/layerdb/sha256/{}", chain_id.hex());
        let text = |name: &str| {
            let bytes = root.read(&format!("{known}/{name}"), MAX_NAME)?;
            String::from_utf8(bytes).map_err(|_| format!("`{known}/{name}` is no text"))
        };
        if text("diff")? != diff_id.as_str() {
            return Err(format!("`{known}/diff` is not {diff_id}"));
        }
        let size = text("size")?.parse().map_err(|_| format!("`{known}/size` is no size"))?;
        let cache_id = text("cache-id")?;
        if cache_id.is_empty() || !cache_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(format!("`{known}/cache-id` is no name of a folder"));
        }
        let found = Self { diff_id: diff_id.clone(), size, known, files: format!("{DRIVER}/{cache_id}/diff") };
        match found.open(root) {
            Ok(_) => Ok(found),
            Err(reason) => Err(format!("layer {diff_id}: {reason}")),
        }
    }

    /// The layer's archive.
    fn open(&self, root: &Folder) -> io::Result<impl Read + use<>> {
        let records = root.file(format!("{}/tar-split.json.gz", self.known).as_bytes())?;
        let records = BufReader::new(MultiGzDecoder::new(BufReader::new(records)));
        Ok(Archive::new(records, root.folder(&self.files)?))
    }
}

/// A layer's archive, whose failures are those of the store.
struct Telling<R> {
    archive: R,
    told: Told,
}

struct Told {
    diff_id: Digest,
    failed: Arc<AtomicBool>,
}

impl Told {
    fn of(&self, reason: io::Error) -> io::Error {
        self.failed.store(true, Ordering::Relaxed);
        io::Error::other(LayerStoreError { diff_id: self.diff_id.clone(), reason })
    }
}

impl<R: Read> Read for Telling<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.archive.read(buffer).map_err(|reason| self.told.of(reason))
    }
}

#[cfg(test)]
mod tests;
