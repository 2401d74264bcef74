//! The store of the storage driver overlay2: unpacked layers, each with the records of everything between its files.
//!
//! The daemon writes a whole export to its disk before it sends the first byte; reading the store is several times as
//! fast, and only the wanted layers are read. Nothing in it is trusted: the configuration and each layer are verified
//! by their digests, so that it does not matter whether the directory really belongs to the daemon that named it.
//!
//! The layout is that of `image/fs.go`, `layer/filestore.go` and `daemon/graphdriver/overlay2` of
//! <https://github.com/moby/moby>.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::image::{Config, Digest};
use crate::source::confined::ConfinedDir;
use crate::source::content::{Interrupted, Origin};
use crate::source::document::MAX_DOCUMENT;
use crate::source::feed::{self, FeedSender, Item};
use crate::source::image::LayerKey;
use crate::source::tar_split;

/// The storage driver, as the daemon and the directories call it.
pub(in crate::source::daemon) const DRIVER: &str = "overlay2";

/// Longest in bytes of the small files that name things: a digest.
const MAX_NAME: usize = 71;

/// An image in the store.
pub(super) struct LayerStore {
    root: Arc<ConfinedDir>,
    config: Bytes,
    layers: Vec<Stored>,
}

/// A layer in the store.
struct Stored {
    diff_id: Digest,
    /// The bytes of its files.
    size: u64,
    /// The directory of its metadata, below the root.
    metadata: String,
    /// The directory of its files, below the root.
    files: String,
}

impl LayerStore {
    /// Finds an image, and those of its layers that are wanted, below the daemon's root directory.
    ///
    /// # Errors
    /// The reason why it can't be read there.
    pub(super) fn open(
        root: &Path,
        id: &Digest,
        diff_ids: &[Digest],
        wanted: &HashSet<LayerKey>,
    ) -> Result<Self, String> {
        let dir = ConfinedDir::open(root).map_err(|reason| format!("`{}`: {reason}", root.display()))?;
        let config = dir.read(&format!("image/{DRIVER}/imagedb/content/sha256/{}", id.hex()), MAX_DOCUMENT)?;
        let parsed = Config::parse(&config).map_err(|reason| reason.to_string())?;
        if Digest::of(&config) != *id || parsed.rootfs.diff_ids != diff_ids {
            return Err(format!("the configuration of {id} is another one there"));
        }
        let (mut layers, mut chain) = (Vec::new(), None);
        for diff_id in diff_ids {
            let chain_id = chain_id(chain.as_ref(), diff_id);
            if wanted.contains(&LayerKey::DiffId(diff_id.clone())) {
                layers.push(Stored::find(&dir, &chain_id, diff_id)?);
            }
            chain = Some(chain_id);
        }
        let layers = feed::largest_first(layers, wanted, Stored::key, |layer| layer.size);
        Ok(Self { root: Arc::new(dir), config: config.into(), layers })
    }

    /// Gives the configuration and the wanted layers, the largest first. A layer that can't be read to its end is
    /// passed to `rescue`. Ends early once `is_given_up` says so, and gives the keys of the layers that are left.
    pub(super) async fn feed(
        self,
        sender: &FeedSender,
        rescue: impl Fn(&Digest, Interrupted) + Clone + Send + Sync + 'static,
        is_given_up: impl Fn() -> bool,
    ) -> HashSet<LayerKey> {
        let _ = sender.send(Ok(Item::Config(self.config))).await;
        let mut layers = self.layers.into_iter();
        let next = std::iter::from_fn(|| if is_given_up() { None } else { layers.next() });
        let open = |layer: Stored| {
            let (root, rescue, diff_id) = (Arc::clone(&self.root), rescue.clone(), layer.diff_id.clone());
            let origin = Origin::new(layer.size, diff_id.clone(), move || Ok(Box::new(layer.open(&root)?)));
            Item::Tar(origin.rescued_by(move |interrupted| rescue(&diff_id, interrupted)).read())
        };
        feed::give(next, sender, open).await;
        layers.map(|layer| layer.key()).collect()
    }
}

/// The digest of a layer together with those below it (Docker image specification 1.2, "Layer ChainID").
fn chain_id(below: Option<&Digest>, diff_id: &Digest) -> Digest {
    below.map_or_else(|| diff_id.clone(), |below| Digest::of(format!("{below} {diff_id}").as_bytes()))
}

impl Stored {
    fn key(&self) -> LayerKey {
        LayerKey::DiffId(self.diff_id.clone())
    }

    fn find(root: &ConfinedDir, chain_id: &Digest, diff_id: &Digest) -> Result<Self, String> {
        let metadata = format!("image/{DRIVER}/layerdb/sha256/{}", chain_id.hex());
        let text = |name: &str| {
            let bytes = root.read(&format!("{metadata}/{name}"), MAX_NAME)?;
            String::from_utf8(bytes).map_err(|_| format!("`{metadata}/{name}` is no text"))
        };
        if text("diff")? != diff_id.as_str() {
            return Err(format!("`{metadata}/diff` is not {diff_id}"));
        }
        let size = text("size")?.parse().map_err(|_| format!("`{metadata}/size` is no size"))?;
        let cache_id = text("cache-id")?;
        if cache_id.is_empty() || !cache_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(format!("`{metadata}/cache-id` is no name of a directory"));
        }
        let found = Self { diff_id: diff_id.clone(), size, metadata, files: format!("{DRIVER}/{cache_id}/diff") };
        match found.open(root) {
            Ok(_) => Ok(found),
            Err(reason) => Err(format!("layer {diff_id}: {reason}")),
        }
    }

    /// The layer's archive.
    fn open(&self, root: &ConfinedDir) -> io::Result<impl Read + use<>> {
        let records = root.file(format!("{}/tar-split.json.gz", self.metadata).as_bytes())?;
        Ok(tar_split::archive(records, root.dir(&self.files)?))
    }
}

#[cfg(test)]
mod tests;
