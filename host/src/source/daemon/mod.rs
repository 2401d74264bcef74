//! Images of a Docker daemon. One inspection through its API lists the layers. They are then read in the daemon's own
//! store if this machine has it, and otherwise from an export, for which the daemon writes the whole image to its disk
//! first.

#[cfg(target_os = "linux")]
mod containerd;
mod ending;
mod export;
#[cfg(target_os = "linux")]
mod overlay2;
mod reading;

use std::collections::HashSet;

use super::error::SourceError;
use super::feed::FeedSender;
use super::image::{Image, ImageConfig, Layer, LayerKey};
use super::opened::Opened;
use super::platform::ensure_platform;
use crate::docker::{Engine, LocalImage};
use crate::image::{Platform, Reference};
#[cfg(target_os = "linux")]
use containerd::ContentStore;
use export::Export;
#[cfg(target_os = "linux")]
use overlay2::StoredLayers;
pub(crate) use reading::{Reading, reading};

/// Reads the layers of a daemon's image.
#[derive(Clone)]
pub(super) enum Reader {
    /// From an export.
    Export(Export),
    /// In the store of the driver overlay2, with an export for layers that can't be read there.
    #[cfg(target_os = "linux")]
    Overlay2(StoredLayers),
    /// In containerd's content store.
    #[cfg(target_os = "linux")]
    Containerd(ContentStore),
}

/// An image as its daemon knows it.
pub(crate) struct InDaemon {
    /// The daemon.
    pub(crate) engine: Engine,
    /// The image.
    pub(crate) image: LocalImage,
}

/// Asks the daemon about an image.
pub(super) async fn open(
    engine: Engine,
    name: &str,
    platform: Option<&Platform>,
    export_only: bool,
) -> Result<(Opened<Reader>, InDaemon), SourceError> {
    let local = engine.inspect(name).await?;
    let in_daemon = InDaemon { engine: engine.clone(), image: local.clone() };
    Ok((open_inspected(engine, local, name, platform, export_only).await?, in_daemon))
}

async fn open_inspected(
    engine: Engine,
    local: LocalImage,
    name: &str,
    platform: Option<&Platform>,
    export_only: bool,
) -> Result<Opened<Reader>, SourceError> {
    ensure_platform(name, Some(&local.platform).filter(|platform| platform.is_known()), platform)?;
    // An image's id is no name that it could have elsewhere.
    let is_name =
        name.parse::<Reference>().is_ok() && !local.id.hex().starts_with(name.strip_prefix("sha256:").unwrap_or(name));
    let name = is_name.then(|| name.to_owned());
    #[cfg(target_os = "linux")]
    let is_overlay2 = local.driver.as_deref() == Some(overlay2::DRIVER);
    #[cfg(target_os = "linux")]
    if !export_only && !is_overlay2 {
        // Opened before the push begins, because it knows more than the daemon tells: the blobs and the manifest.
        match ContentStore::find(&engine, &local).await {
            Ok((image, store)) => {
                tracing::info!("the image is read in containerd's content store");
                return Ok(Opened { name, suggestions: Vec::new(), image, reader: Reader::Containerd(store) });
            }
            Err(reason) => tracing::debug!("the image can't be read in containerd's content store: {reason}"),
        }
    }
    let LocalImage { id, diff_ids, .. } = local;
    let layers = diff_ids.iter().map(|diff_id| Layer::Tar { diff_id: diff_id.clone(), size: None }).collect();
    let image = Image::Layers { config: ImageConfig::InFeed { id: id.clone() }, layers };
    let export = Export { engine, id, diff_ids };
    #[cfg(target_os = "linux")]
    if !export_only && is_overlay2 {
        return Ok(Opened {
            name,
            suggestions: Vec::new(),
            image,
            reader: Reader::Overlay2(StoredLayers::new(export)),
        });
    }
    Ok(Opened { name, suggestions: Vec::new(), image, reader: Reader::Export(export) })
}

impl Reader {
    /// Gives the wanted layers and, if the image was opened without one, the configuration. An export may give more
    /// layers.
    pub(super) fn feed(self, wanted: HashSet<LayerKey>, sender: FeedSender) {
        match self {
            Self::Export(export) => {
                tracing::info!("the daemon exports the layers");
                export.feed(wanted, sender);
            }
            #[cfg(target_os = "linux")]
            Self::Overlay2(layers) => drop(tokio::spawn(layers.feed(wanted, sender))),
            #[cfg(target_os = "linux")]
            Self::Containerd(store) => store.feed(&wanted, sender),
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
