//! Sources of images: a Docker daemon, a file of `docker save`, an OCI image layout in a directory or tar archive, the
//! storage of Podman and buildah.
//!
//! A source tells the parts of an image before any layer is read, and then gives the wanted layers as streams of
//! blocks. It verifies the digest of each uncompressed layer; that of a stored blob is verified by the registry that
//! receives it. A layer that can't be read in one way is read in another, without the receiver's help. A source knows
//! nothing of registries, and never holds a layer in memory.

mod archive;
mod archive_file;
mod blocking;
mod confined;
mod content;
mod daemon;
mod docker_tar;
mod document;
mod elsewhere;
mod error;
mod excess;
mod expected;
mod feed;
mod file;
mod fitting;
mod image;
mod inflate;
mod known;
mod layer_files;
mod layout;
mod location;
mod named;
mod open_archive;
mod opened;
mod options;
mod platform;
mod reader;
mod remote_failure;
mod selection;
mod split;
mod storage;
mod tagged;
#[cfg(target_os = "linux")]
mod tar_split;
mod tar_walk;

use std::collections::HashSet;
use std::sync::Arc;

pub(crate) use content::{BlockStream, Content, Origin};
pub(crate) use daemon::{InDaemon, Reading, reading};
pub(crate) use document::{Budget, EMPTY, MAX_DOCUMENTS, embedded};
pub(crate) use error::SourceError;
pub(crate) use feed::{Feed, Item};
pub(crate) use fitting::{MAX_DEPTH, fitting, images};
pub(crate) use image::{Child, Image, ImageConfig, Layer, LayerKey, StoredIndex, StoredManifest};
pub(crate) use layer_files::{LayerFile, layer_files};
pub(crate) use layout::layout_names;
pub(crate) use location::{Location, LocationError};
pub(crate) use named::NamesError;
pub(crate) use options::Options;
pub(crate) use platform::ensure_platform;
pub(crate) use remote_failure::RemoteFailure;
pub(crate) use tagged::{Listed, Tagged, Which, tagged, unpack};

use crate::docker::{Engine, EngineError};
use crate::environment::Environment;
use crate::image::Descriptor;
use crate::text::Escaped;
use crate::waiting::waiting_for;
use archive_file::ArchiveFile;
use blocking::blocking;
use expected::Expected;
use opened::Opened;
use reader::Reader;
use split::Split;

/// An opened image.
pub(crate) struct Source {
    opened: Opened<Reader>,
    in_daemon: Option<InDaemon>,
    /// The image with some of its layers in parts.
    split: Option<(Image, Arc<Split>)>,
}

impl Source {
    /// Opens an image and finds out its parts. `connect` is called if the image is in a Docker daemon.
    ///
    /// # Errors
    /// If there is no such image, or it is damaged.
    pub(crate) async fn open(
        location: &Location,
        options: &Options,
        environment: &Environment,
        connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
    ) -> Result<Self, SourceError> {
        let (path, reference, expected) = match location {
            Location::Daemon(name) => {
                if options.all_platforms {
                    return Err(SourceError::OnePlatform(name.into()));
                }
                file::ensure_not_here(name)?;
                let (platform, export_only) = (options.platform.as_ref(), options.export_only);
                let engine = match connect().await {
                    Ok(engine) => engine,
                    Err(SourceError::Docker(error)) => {
                        return Err(storage::offer(error, name, environment).await);
                    }
                    Err(error) => return Err(error),
                };
                return match daemon::open(engine, name, platform, export_only).await {
                    Ok((opened, in_daemon)) => {
                        let opened = opened.map(|reader| Reader::Daemon(Box::new(reader)));
                        Ok(Self { opened, in_daemon: Some(in_daemon), split: None })
                    }
                    Err(SourceError::Docker(unknown @ EngineError::Unknown { .. })) => {
                        Err(file::here(name).unwrap_or_else(|| unknown.into()))
                    }
                    Err(error) => Err(error),
                };
            }
            Location::Storage(location) => {
                if options.all_platforms {
                    return Err(SourceError::OnePlatform(Escaped::of(location)));
                }
                let (location, platform) = (location.clone(), options.platform.clone());
                let stores = storage::stores(&location, environment)?;
                let opened = blocking(move || storage::open(&location, stores, platform.as_ref())).await?;
                return Ok(Self { opened: opened.map(Reader::Storage), in_daemon: None, split: None });
            }
            Location::Archive { path, reference } => (path.clone(), reference.clone(), Expected::Any),
            Location::Layout { path, reference } => (path.clone(), reference.clone(), Expected::Layout),
            Location::Open(archive) => {
                let (archive, options) = (archive.clone(), options.clone());
                let opened = blocking(move || file::open_beside(&archive, &options)).await?;
                return Ok(Self { opened, in_daemon: None, split: None });
            }
            Location::Written(written) => {
                let file = ArchiveFile::written(Arc::clone(&written.file), location.to_string().into());
                let options = options.clone();
                let opened = blocking(move || file::open_written(file, &options)).await?;
                return Ok(Self { opened, in_daemon: None, split: None });
            }
        };
        let options = options.clone();
        let opened = blocking(move || file::open(&path, reference.as_deref(), expected, &options)).await?;
        Ok(Self { opened, in_daemon: None, split: None })
    }

    /// An image on another machine, whose parts are known, and whose blobs `blobs` reads.
    #[must_use]
    pub(crate) fn elsewhere(
        name: String,
        image: Image,
        blobs: impl Fn(&Descriptor) -> Origin + Send + Sync + 'static,
    ) -> Self {
        let reader = Reader::Elsewhere(Arc::new(blobs));
        Self {
            opened: Opened { name: Some(name), suggestions: Vec::new(), image, reader },
            in_daemon: None,
            split: None,
        }
    }

    /// The image as its daemon knows it; absent for an image that is in no daemon.
    #[must_use]
    pub(crate) fn in_daemon(&self) -> Option<&InDaemon> {
        self.in_daemon.as_ref()
    }

    /// The image's name as the user typed it: that of a daemon's image, or the one behind a file's path.
    #[must_use]
    pub(crate) fn name(&self) -> Option<&str> {
        self.opened.name.as_deref()
    }

    /// A name that the file has for the image, for a user to judge.
    #[must_use]
    pub(crate) fn suggestion(&self) -> Option<&str> {
        self.opened.suggestions.first().map(String::as_str)
    }

    /// Further names that the file has for the image. A push sends it under the one name that the user chose.
    #[must_use]
    pub(crate) fn other_names(&self) -> &[String] {
        self.opened.suggestions.get(1..).unwrap_or_default()
    }

    /// The image's parts.
    #[must_use]
    pub(crate) fn image(&self) -> &Image {
        self.split.as_ref().map_or(&self.opened.image, |(image, _)| image)
    }

    /// Splits layers of more than `size` bytes between their files. Those that may be as large are read for that.
    ///
    /// # Errors
    /// If they can't be read, or the image is an index.
    pub(crate) async fn split(&mut self, size: u64) -> Result<(), SourceError> {
        let larger = self.opened.image.layers().into_iter().filter(|layer| split::may_be_larger(layer, size));
        let larger: HashSet<LayerKey> = larger.map(|layer| layer.key()).collect();
        if !larger.is_empty() {
            let _waiting = waiting_for("the layers to be split");
            let split = split::split(&self.opened.image, self.read(larger), size).await?;
            self.split = split.map(|(image, split)| (image, Arc::new(split)));
        }
        Ok(())
    }

    /// Starts to read the wanted layers, and the configuration if it is [`ImageConfig::InFeed`]. A source that can only
    /// be read from end to end may give more layers than wanted. May be called again, e.g. for layers that can be read
    /// only once and did not arrive.
    #[must_use]
    pub(crate) fn feed(&self, wanted: HashSet<LayerKey>) -> Feed {
        match &self.split {
            Some((_, split)) => Arc::clone(split).feed(self.read(split.read_for(&wanted)), wanted),
            None => self.read(wanted),
        }
    }

    /// Reads layers as the source has them.
    fn read(&self, wanted: HashSet<LayerKey>) -> Feed {
        let (sender, feed) = feed::feed();
        match &self.opened.reader {
            Reader::Archive(archive) => archive.clone().feed(&wanted, sender),
            Reader::Daemon(reader) => reader.clone().feed(wanted, sender),
            Reader::Storage(image) => image.clone().feed(&wanted, sender),
            Reader::Layout(layout) => layout.clone().feed(self.opened.image.layers(), &wanted, sender),
            Reader::Elsewhere(blobs) => elsewhere::feed(Arc::clone(blobs), self.opened.image.layers(), &wanted, sender),
        }
        feed
    }
}

/// Whether bytes are compressed as an archive may be, by the first ten of them.
#[must_use]
pub(crate) fn is_compressed(head: &[u8]) -> bool {
    inflate::Compression::of(head).is_some()
}

/// The bytes of an archive, uncompressed in any of the ways in which it may be compressed.
///
/// # Errors
/// When its beginning can't be read.
pub(crate) fn uncompressed<'a>(stored: impl std::io::Read + 'a) -> std::io::Result<Box<dyn std::io::Read + 'a>> {
    inflate::uncompressed(stored)
}

#[cfg(test)]
mod tests;
