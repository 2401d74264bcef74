//! Sources of images: a Docker daemon, a file of `docker save`, an OCI image layout.
//!
//! A source tells the parts of an image before any layer is read, and then gives the wanted layers as streams of
//! blocks. It verifies the digest of each uncompressed layer; that of a stored blob is verified by the registry that
//! receives it. A layer that can't be read in one way is read in another, without the receiver's help. A source knows
//! nothing of registries, and never holds a layer in memory.

mod archive;
mod confined;
mod content;
mod daemon;
mod docker_tar;
mod document;
mod error;
mod excess;
mod feed;
mod image;
mod inflate;
mod layout;
mod location;
mod opened;
mod platform;
mod tar_walk;

use std::collections::HashSet;

pub(crate) use content::{Content, Origin};
pub(crate) use error::SourceError;
pub(crate) use feed::{Feed, Item};
pub(crate) use image::{Child, Image, ImageConfig, Layer, LayerKey, StoredIndex, StoredManifest};
pub(crate) use location::Location;

use crate::docker::Engine;
use crate::image::Platform;
use opened::Opened;

/// An opened image.
pub(crate) struct Source {
    name: Option<String>,
    suggestion: Option<String>,
    image: Image,
    reader: Reader,
}

enum Reader {
    Archive(archive::Archive),
    Daemon(daemon::Reader),
    Layout(layout::Layout),
}

/// Which image of a location is meant, and how it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The requested platform; by default, any for a single image, this machine's for an index.
    pub(crate) platform: Option<Platform>,
    /// Whether an index is opened as a whole. Only OCI layouts have one.
    pub(crate) all_platforms: bool,
    /// Whether a daemon's image is read from its export, and never from the daemon's own store.
    pub(crate) export_only: bool,
}

impl Source {
    /// Opens an image and finds out its parts. `connect` is called if the image is in a Docker daemon.
    ///
    /// # Errors
    /// If there is no such image, or it is damaged.
    pub(crate) async fn open(
        location: &Location,
        options: &Options,
        connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
    ) -> Result<Self, SourceError> {
        let Options { platform, all_platforms, export_only } = options.clone();
        if all_platforms && !matches!(location, Location::Layout { .. }) {
            return Err(SourceError::OnePlatform(location.to_string().into()));
        }
        match location {
            Location::Daemon(name) => {
                let opened = daemon::open(connect().await?, name, platform.as_ref(), export_only).await?;
                Ok(Self::new(opened, Reader::Daemon))
            }
            Location::Archive { path, reference } => {
                let (path, reference) = (path.clone(), reference.clone());
                let open = move || archive::open(&path, reference.as_deref(), platform.as_ref());
                Ok(Self::new(blocking(open).await?, Reader::Archive))
            }
            Location::Layout { path, reference } => {
                let (path, reference) = (path.clone(), reference.clone());
                let open = move || match all_platforms {
                    true => layout::open_all(&path, reference.as_deref()),
                    false => layout::open(&path, reference.as_deref(), platform.as_ref()),
                };
                Ok(Self::new(blocking(open).await?, Reader::Layout))
            }
        }
    }

    fn new<R>(opened: Opened<R>, reader: impl FnOnce(R) -> Reader) -> Self {
        let Opened { name, suggestion, image, reader: inner } = opened;
        Self { name, suggestion, image, reader: reader(inner) }
    }

    /// The image's name as the user typed it: that of a daemon's image, or the one behind a file's path.
    #[must_use]
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A name that the file has for the image, for a user to judge.
    #[must_use]
    pub(crate) fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }

    /// The image's parts.
    #[must_use]
    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    /// Starts to read the wanted layers, and the configuration if it is [`ImageConfig::InFeed`]. A source that can only
    /// be read from end to end may give more layers than wanted. May be called again, e.g. for layers that can be read
    /// only once and did not arrive.
    #[must_use]
    pub(crate) fn feed(&self, wanted: HashSet<LayerKey>) -> Feed {
        let (sender, feed) = feed::feed();
        match &self.reader {
            Reader::Archive(archive) => archive.clone().feed(&wanted, sender),
            Reader::Daemon(reader) => reader.clone().feed(wanted, sender),
            Reader::Layout(layout) => layout.clone().feed(self.image.layers(), &wanted, sender),
        }
        feed
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => Err(SourceError::Thread(panicked.to_string().into())),
    }
}
