//! The manifest or index that a push publishes under its tags.

use bytes::Bytes;

use crate::image::{Descriptor, Digest};
use crate::source::{Image, StoredIndex, StoredManifest};

/// A manifest or index.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    /// Its media type.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// The digest of the configuration that it names. An index names none.
    pub(crate) config: Option<Digest>,
    /// Its layers, lowest first; those of all images of an index, each once.
    pub(crate) layers: Vec<Descriptor>,
}

impl Published {
    /// The manifest or index of an image that its source has as a registry stores it.
    pub(crate) fn of(image: &Image) -> Option<Self> {
        match image {
            Image::Stored { manifest, .. } => Some((**manifest).clone().into()),
            Image::Index(index) => Some(index.into()),
            Image::Layers { .. } => None,
        }
    }

    /// Its digest.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
}

impl From<StoredManifest> for Published {
    fn from(StoredManifest { media_type, bytes, parsed }: StoredManifest) -> Self {
        Self { media_type, bytes, config: Some(parsed.config.digest), layers: parsed.layers }
    }
}

impl From<&StoredIndex> for Published {
    fn from(StoredIndex { media_type, bytes, layers, .. }: &StoredIndex) -> Self {
        Self { media_type: media_type.clone(), bytes: bytes.clone(), config: None, layers: layers.clone() }
    }
}
