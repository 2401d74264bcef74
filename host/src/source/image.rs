//! The parts of an image, as far as a source knows them before any layer is read.

use bytes::Bytes;

use crate::image::{Descriptor, Digest, Manifest};

/// An image in the form in which its source has it.
#[derive(Debug, Clone)]
pub(crate) enum Image {
    /// A manifest, and the configuration that it names. Both are pushed byte for byte.
    Stored {
        /// The manifest, with a descriptor for each layer.
        manifest: Box<StoredManifest>,
        /// The configuration's bytes.
        config: Bytes,
    },
    /// Layers for which a push makes a new manifest, since some of them are compressed first.
    Layers {
        /// The configuration, or the name under which it may be known.
        config: ImageConfig,
        /// The layers, lowest first, as many as the configuration names.
        layers: Vec<Layer>,
    },
    /// An index with everything that it names. Requested by `--all-platforms`.
    Index(StoredIndex),
}

/// The configuration of an image without a manifest.
#[derive(Debug, Clone)]
pub(crate) enum ImageConfig {
    /// Its bytes.
    Known(Bytes),
    /// It comes with the layers, as `Item::Config`.
    InFeed {
        /// The daemon's id of the image: the digest of the configuration, or with containerd's image store the digest
        /// of the manifest or index.
        id: Digest,
    },
}

/// A manifest as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredManifest {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Its content.
    pub(crate) parsed: Manifest,
}

/// An index as it is stored, with everything that it names.
#[derive(Debug, Clone)]
pub(crate) struct StoredIndex {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// The manifests and indexes below it, direct and indirect, each once; an index comes after its own children.
    pub(crate) children: Vec<Child>,
    /// The layers of all these manifests, each once.
    pub(crate) layers: Vec<Descriptor>,
}

/// An entry of an index: a manifest (of an image, or of anything in this form, such as an attestation), or another
/// index.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// The configuration of a manifest. An index has none.
    pub(crate) config: Option<(Descriptor, Bytes)>,
}

/// A layer before any of its bytes is read.
#[derive(Debug, Clone)]
pub(crate) enum Layer {
    /// A blob, which is pushed as it is stored.
    Blob(Descriptor),
    /// An uncompressed tar archive.
    Tar {
        /// The archive's digest.
        diff_id: Digest,
        /// The number of bytes to read, if the source knows it.
        size: Option<u64>,
    },
}

/// Identifies a layer from its source to the end of a push. The blob's digest can't: that of a layer which is
/// compressed on the way is known only at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LayerKey {
    /// The digest of a blob that is pushed as it is stored.
    Blob(Digest),
    /// The digest of an uncompressed archive (OCI image specification, "Layer DiffID").
    DiffId(Digest),
}

impl Image {
    /// All layers, lowest first; for an index, those of all its images.
    #[must_use]
    pub(crate) fn layers(&self) -> Vec<Layer> {
        match self {
            Self::Stored { manifest, .. } => manifest.parsed.layers.iter().cloned().map(Layer::Blob).collect(),
            Self::Layers { layers, .. } => layers.clone(),
            Self::Index(index) => index.layers.iter().cloned().map(Layer::Blob).collect(),
        }
    }
}

impl Layer {
    /// The layer's identity.
    #[must_use]
    pub(crate) fn key(&self) -> LayerKey {
        match self {
            Self::Blob(blob) => LayerKey::Blob(blob.digest.clone()),
            Self::Tar { diff_id, .. } => LayerKey::DiffId(diff_id.clone()),
        }
    }

    /// The number of bytes to read, if the source knows it.
    #[must_use]
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::Blob(blob) => Some(blob.size),
            Self::Tar { size, .. } => *size,
        }
    }
}
