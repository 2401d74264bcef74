//! Where images come from: a Docker daemon, the file that `docker save` writes, an OCI layout folder.
//!
//! A source tells what an image consists of before any layer is read, and then gives the layers that are wanted as streams
//! of blocks, each proved to be what its digest says. It knows nothing of registries, and never holds a layer in memory.

mod archive;
mod content;
mod daemon;
mod docker_tar;
mod error;
mod layout;
mod location;

use std::collections::HashSet;

use bytes::Bytes;
use tokio::sync::mpsc;

pub(crate) use content::{Content, Origin};
pub(crate) use error::SourceError;
pub(crate) use location::Location;

use crate::docker::Engine;
use crate::image::{Descriptor, Digest, Manifest, Platform};

/// An image that can be read.
pub(crate) struct Source {
    image: Image,
    kind: Kind,
}

enum Kind {
    Archive(archive::Archive),
    Daemon(daemon::Stored),
    Layout(layout::Layout),
}

/// What an image consists of.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// A name that the source gives it, as it is written there.
    pub(crate) name: Option<String>,
    /// The configuration's bytes; those of an image that a daemon has in layers come with them.
    pub(crate) config: Option<Bytes>,
    /// What a daemon calls it: the configuration's digest, or with containerd's store that of the manifest or index.
    pub(crate) id: Option<Digest>,
    /// The layers, lowest first.
    pub(crate) layers: Vec<Layer>,
    /// The manifest where the source has one, byte for byte.
    pub(crate) manifest: Option<StoredManifest>,
    /// The index, where all images of it were asked for; the layers are those of all then.
    pub(crate) index: Option<StoredIndex>,
}

/// An index as it is stored, and all that it names.
#[derive(Debug, Clone)]
pub(crate) struct StoredIndex {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// What it names, directly and through other indexes; each once, and what is below before what is above.
    pub(crate) children: Vec<Child>,
}

/// What an index names: the manifest of an image, or of what has the form of one, such as an attestation; or another index.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// The configuration that it names; an index names none.
    pub(crate) config: Option<(Descriptor, Bytes)>,
}

/// What of a location is meant, and how it is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    /// The platform that was asked for.
    pub(crate) platform: Option<Platform>,
    /// Whether all images of an index were asked for.
    pub(crate) all_platforms: bool,
    /// Whether an image of a daemon is to be read as its export alone.
    pub(crate) export_only: bool,
}

/// A manifest as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredManifest {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// What it says.
    pub(crate) parsed: Manifest,
}

/// Largest configuration, manifest or index that is read. Registries accept manifests of at least 4 MiB (OCI distribution
/// specification, "Pushing Manifests"), and few take more.
const MAX_DOCUMENT: u64 = 4 << 20;

/// What is known of a layer before any of its bytes is read.
#[derive(Debug, Clone)]
pub(crate) enum Layer {
    /// A blob that is pushed as it is stored.
    Blob(Descriptor),
    /// An uncompressed archive.
    Tar {
        /// What it is known by.
        diff_id: Digest,
        /// How many bytes will be read, where the source knows that.
        size: Option<u64>,
    },
}

impl Layer {
    /// The digest that the source knows it by.
    #[must_use]
    pub(crate) fn digest(&self) -> &Digest {
        match self {
            Self::Blob(descriptor) => &descriptor.digest,
            Self::Tar { diff_id, .. } => diff_id,
        }
    }

    /// How many bytes will be read, where the source knows that.
    #[must_use]
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Blob(descriptor) => Some(descriptor.size),
            Self::Tar { size, .. } => *size,
        }
    }
}

/// What a source gives, in its own order.
pub(crate) enum Item {
    /// The configuration's bytes.
    Config(Bytes),
    /// A layer's bytes as they are stored, proved against its digest.
    Blob(Descriptor, Content),
    /// An uncompressed layer. Its content tells its diff id at the end, which is proved where it was known before.
    Tar(Content),
}

/// The stream of what was asked for; it ends when all has been given.
pub(crate) type Feed = mpsc::Receiver<Result<Item, SourceError>>;

impl Source {
    /// Opens an image and finds out what it consists of. `connect` is called when the image is in a Docker daemon.
    ///
    /// # Errors
    /// When there is no such image, or it is not what it should be.
    pub(crate) async fn open(
        location: &Location,
        options: &Options,
        connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
    ) -> Result<Self, SourceError> {
        let Options { platform, all_platforms, export_only } = options.clone();
        if all_platforms && !matches!(location, Location::Layout { .. }) {
            return Err(SourceError::OnePlatform(location.to_string()));
        }
        let (image, kind) = match location {
            Location::Daemon(name) => {
                let engine = connect().await?;
                let (image, stored) = daemon::open(engine, name, platform.as_ref(), export_only).await?;
                (image, Kind::Daemon(stored))
            }
            Location::Archive { path, reference } => {
                let (path, reference) = (path.clone(), reference.clone());
                let (image, archive) =
                    blocking(move || archive::open(&path, reference.as_deref(), platform.as_ref())).await?;
                (image, Kind::Archive(archive))
            }
            Location::Layout { path, reference } => {
                let (path, reference) = (path.clone(), reference.clone());
                let open = move || match all_platforms {
                    true => layout::all::open(&path, reference.as_deref()),
                    false => layout::open(&path, reference.as_deref(), platform.as_ref()),
                };
                let (image, layout) = blocking(open).await?;
                (image, Kind::Layout(layout))
            }
        };
        Ok(Self { image, kind })
    }

    /// What the image consists of.
    #[must_use]
    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    /// Starts to read the layers whose digests are wanted, and the configuration where it is not known yet. A source that
    /// can only be read from end to end may give more than was asked for. It may be fed from again, for layers that were
    /// read in vain.
    #[must_use]
    pub(crate) fn feed(&self, wanted: HashSet<Digest>) -> Feed {
        // One item waits while another is fetched; what is in flight is bounded by whoever takes them.
        let (sender, receiver) = mpsc::channel(1);
        match &self.kind {
            Kind::Archive(archive) => archive.clone().feed(wanted, sender),
            Kind::Daemon(stored) => stored.clone().feed(wanted, sender),
            Kind::Layout(layout) => layout.clone().feed(&self.image.layers, &wanted, sender),
        }
        receiver
    }
}

/// Finds fault with an image for another platform than the user asked for.
fn ensure_platform(image: &str, found: Option<&Platform>, wanted: Option<&Platform>) -> Result<(), SourceError> {
    match (wanted, found) {
        (Some(wanted), Some(found)) if !wanted.accepts(found) => {
            let (image, wanted) = (image.to_owned(), wanted.clone());
            Err(SourceError::Platform { image, wanted, known: vec![found.to_string()] })
        }
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => Err(SourceError::Thread(panicked.to_string())),
    }
}
