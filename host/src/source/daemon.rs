//! Images of the Docker daemon: one inspection through its API, and then the layers, from the daemon's own store where that
//! can be read on this machine, and else as the daemon exports them.

mod export;
#[cfg(target_os = "linux")]
mod folder;
#[cfg(target_os = "linux")]
mod layer_store;
#[cfg(target_os = "linux")]
mod tar_split;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::error::SourceError;
use super::{Image, Item, Layer, ensure_platform};
use crate::docker::Engine;
use crate::image::{Digest, Platform, Reference};
use export::Export;
#[cfg(target_os = "linux")]
use layer_store::LayerStore;

/// An image of a daemon.
#[derive(Clone)]
pub(super) struct Stored {
    export: Export,
    /// Whether the daemon's store must not be read, or could not be.
    export_only: Arc<AtomicBool>,
}

/// Asks the daemon about an image.
pub(super) async fn open(
    engine: Engine,
    name: &str,
    platform: Option<&Platform>,
    export_only: bool,
) -> Result<(Image, Stored), SourceError> {
    let local = engine.inspect(name).await?;
    ensure_platform(name, Some(&local.platform), platform)?;
    // An image's id is no name that it could have elsewhere.
    let is_name = name.parse::<Reference>().is_ok() && !local.id.hex().starts_with(name);
    let image = Image {
        name: is_name.then(|| name.to_owned()),
        config: None,
        id: Some(local.id.clone()),
        layers: local.diff_ids.iter().map(|diff_id| Layer::Tar { diff_id: diff_id.clone(), size: None }).collect(),
        manifest: None,
        index: None,
    };
    let export = Export { engine, id: local.id, diff_ids: local.diff_ids };
    Ok((image, Stored { export, export_only: Arc::new(AtomicBool::new(export_only)) }))
}

impl Stored {
    /// Gives the wanted layers and the configuration; an export may give more than was asked for. After a layer could not be
    /// read in the store, all comes as an export.
    pub(super) fn feed(self, wanted: HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        tokio::spawn(async move {
            if self.export_only.load(Ordering::Relaxed) {
                tracing::debug!("the daemon exports the layers: its store is not to be read, or could not be");
            } else {
                #[cfg(target_os = "linux")]
                match self.in_store(&wanted).await {
                    Ok(store) => return store.feed(self.export_only, sender).await,
                    Err(reason) => tracing::debug!("the daemon exports the layers: {reason}"),
                }
            }
            self.export.feed(wanted, sender);
        });
    }

    /// The image in the daemon's store, where that is on this machine and can be read.
    #[cfg(target_os = "linux")]
    async fn in_store(&self, wanted: &HashSet<Digest>) -> Result<LayerStore, String> {
        let Export { engine, id, diff_ids } = self.export.clone();
        if !engine.endpoint().is_local() {
            return Err(format!("`{}` may be another machine", engine.endpoint()));
        }
        let storage = engine.storage(id.as_str()).await.map_err(|error| error.to_string())?;
        if storage.driver != layer_store::DRIVER {
            return Err(format!("its storage driver is `{}`, not `{}`", storage.driver, layer_store::DRIVER));
        }
        let wanted = wanted.clone();
        let open = move || LayerStore::open(&storage.root, &id, &diff_ids, &wanted);
        let store = tokio::task::spawn_blocking(open).await.map_err(|panicked| panicked.to_string())??;
        tracing::debug!("the layers are read in the daemon's own store");
        Ok(store)
    }
}
