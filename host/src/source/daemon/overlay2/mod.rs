//! Images of a daemon with the storage driver overlay2: layers are read in the daemon's own store, and those that can't
//! be read there come from an export, in the same feed.

mod fallback;
mod store;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::export::Export;
use crate::image::Digest;
use crate::network::io_words;
use crate::source::confined::ConfinedDir;
use crate::source::content::Interrupted;
use crate::source::feed::FeedSender;
use crate::source::image::LayerKey;
use fallback::Fallback;
pub(super) use store::DRIVER;
use store::LayerStore;

/// Whether the store below a daemon's root directory can be read.
///
/// # Errors
/// Why not.
pub(super) fn readable(root: &Path) -> Result<(), String> {
    let opened = ConfinedDir::open(root).and_then(|root| root.dir(&format!("image/{DRIVER}")));
    opened.map(drop).map_err(|reason| format!("`{}`: {}", root.display(), io_words(&reason)))
}

/// The layers of an image.
#[derive(Clone)]
pub(in crate::source) struct StoredLayers {
    export: Export,
    fallback: Arc<Fallback>,
}

impl StoredLayers {
    /// The layers of an image that can also be exported.
    pub(super) fn new(export: Export) -> Self {
        Self { fallback: Arc::new(Fallback::new(export.clone())), export }
    }

    /// Gives the wanted layers and the configuration.
    pub(super) async fn feed(self, wanted: HashSet<LayerKey>, sender: FeedSender) {
        let store = match self.open(&wanted).await {
            Ok(store) => store,
            Err(reason) => {
                tracing::info!("the daemon exports the layers: {reason}");
                return self.export.feed(wanted, sender);
            }
        };
        let fallback = Arc::clone(&self.fallback);
        let rescue = move |layer: &Digest, interrupted: Interrupted| fallback.finish(layer, interrupted);
        let rest = store.feed(&sender, rescue, || self.fallback.has_failed_often()).await;
        if !rest.is_empty() {
            tracing::info!("the daemon exports the other layers");
            self.export.feed(rest, sender);
        }
    }

    /// The image in the daemon's store, if that is on this machine and can be read.
    async fn open(&self, wanted: &HashSet<LayerKey>) -> Result<LayerStore, String> {
        let Export { engine, id, diff_ids } = self.export.clone();
        if !engine.endpoint().is_local() {
            return Err(format!("`{}` may be another machine", engine.endpoint()));
        }
        if self.fallback.has_failed_often() {
            return Err("its store could not be read before".to_owned());
        }
        let root = engine.root(id.as_str()).await.map_err(|error| error.to_string())?;
        let wanted = wanted.clone();
        let open = move || LayerStore::open(&root, &id, &diff_ids, &wanted);
        let store = tokio::task::spawn_blocking(open).await.map_err(|panicked| panicked.to_string())??;
        tracing::info!("the layers are read in the daemon's own store");
        Ok(store)
    }
}
