//! The manifest or index that a push publishes under its tags.

use bytes::Bytes;

use crate::image::{Descriptor, Digest};
use crate::source::{StoredIndex, StoredManifest};

/// A manifest or index.
#[derive(Debug, Clone)]
pub(super) struct Published {
    /// Its media type.
    pub(super) media_type: String,
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// The digest of the configuration that it names. An index names none.
    pub(super) config: Option<Digest>,
    /// Its layers, lowest first; those of all images of an index, each once.
    pub(super) layers: Vec<Descriptor>,
}

impl Published {
    /// Its digest.
    pub(super) fn digest(&self) -> Digest {
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
