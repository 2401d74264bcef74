//! Images of the Docker daemon: one inspection through its API, and then the layers, from the daemon's own store where that
//! can be read on this machine, and else as the daemon exports them.

#[cfg(target_os = "linux")]
mod content_store;
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
use crate::docker::{Engine, LocalImage};
use crate::image::{Digest, Platform, Reference};
#[cfg(target_os = "linux")]
use content_store::ContentStore;
use export::Export;
#[cfg(target_os = "linux")]
use layer_store::LayerStore;

/// An image of a daemon.
#[derive(Clone)]
pub(super) enum Stored {
    /// In layers, which the daemon can export.
    Layers(Box<Layers>),
    /// In blobs, which lie in containerd's store.
    #[cfg(target_os = "linux")]
    Blobs(ContentStore),
}

/// The layers of an image.
#[derive(Clone)]
pub(super) struct Layers {
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
    let name = is_name.then(|| name.to_owned());
    #[cfg(target_os = "linux")]
    let export_only = if export_only || local.driver.as_deref() == Some(layer_store::DRIVER) {
        export_only
    } else {
        // Looked at now, because it tells more than the daemon: which blobs the layers are, and what manifest they have.
        match ContentStore::find(&engine, &local).await {
            Ok((image, store)) => {
                tracing::debug!("the image is read in containerd's content store");
                return Ok((Image { name, ..image }, Stored::Blobs(store)));
            }
            Err(reason) => tracing::debug!("the image can't be read in containerd's content store: {reason}"),
        }
        true
    };
    let LocalImage { id, diff_ids, .. } = local;
    let image = Image {
        name,
        config: None,
        id: Some(id.clone()),
        layers: diff_ids.iter().map(|diff_id| Layer::Tar { diff_id: diff_id.clone(), size: None }).collect(),
        manifest: None,
        index: None,
    };
    let export = Export { engine, id, diff_ids };
    let layers = Layers { export, export_only: Arc::new(AtomicBool::new(export_only)) };
    Ok((image, Stored::Layers(Box::new(layers))))
}

impl Stored {
    /// Gives the wanted layers and, where the image came without one, the configuration.
    pub(super) fn feed(self, wanted: HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        match self {
            Self::Layers(layers) => layers.feed(wanted, sender),
            #[cfg(target_os = "linux")]
            Self::Blobs(store) => store.feed(&wanted, sender),
        }
    }
}

impl Layers {
    /// Gives the wanted layers and the configuration; an export may give more than was asked for. After a layer could not be
    /// read in the store, all comes as an export.
    fn feed(self, wanted: HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
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
        let root = engine.root(id.as_str()).await.map_err(|error| error.to_string())?;
        let wanted = wanted.clone();
        let open = move || LayerStore::open(&root, &id, &diff_ids, &wanted);
        let store = tokio::task::spawn_blocking(open).await.map_err(|panicked| panicked.to_string())??;
        tracing::debug!("the layers are read in the daemon's own store");
        Ok(store)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
