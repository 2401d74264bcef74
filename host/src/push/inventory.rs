//! The layers that the registry has, and how each came there.

use std::collections::HashMap;

use serde::Serialize;

use crate::image::Descriptor;
use crate::source::LayerKey;
use crate::text::Printable;

/// The outcome of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) enum Outcome {
    /// It was sent.
    Uploaded,
    /// The registry had it.
    Present,
    /// The registry mounted it from another of its repositories.
    Mounted,
    /// It is stored elsewhere, at the URLs of the manifest.
    Foreign,
    /// It would have been sent (dry run).
    Missing,
}

/// The blobs of an image in the registry.
#[derive(Default)]
pub(super) struct Inventory {
    blobs: HashMap<LayerKey, (Descriptor, Outcome)>,
    /// How those that this push compressed were compressed.
    compressions: HashMap<LayerKey, String>,
}

impl Inventory {
    /// Adds a blob.
    pub(super) fn add(&mut self, key: LayerKey, blob: Descriptor, outcome: Outcome) {
        self.blobs.insert(key, (blob, outcome));
    }

    /// Adds a blob that this push sent, and how it was compressed, if it was.
    pub(super) fn add_sent(&mut self, key: LayerKey, blob: Descriptor, compression: Option<String>) {
        self.compressions.extend(compression.map(|compression| (key.clone(), compression)));
        self.add(key, blob, Outcome::Uploaded);
    }

    /// How a layer was compressed by this push, if it was.
    pub(super) fn compression(&self, key: &LayerKey) -> Option<&str> {
        self.compressions.get(key).map(String::as_str)
    }

    /// A layer's blob.
    pub(super) fn get(&self, key: &LayerKey) -> Option<(&Descriptor, Outcome)> {
        self.blobs.get(key).map(|(blob, outcome)| (blob, *outcome))
    }

    /// Whether a layer is there.
    pub(super) fn has(&self, key: &LayerKey) -> bool {
        self.blobs.contains_key(key)
    }

    /// The number of layers.
    pub(super) fn len(&self) -> usize {
        self.blobs.len()
    }

    /// The blobs that this push sent.
    pub(super) fn uploaded(&self) -> impl Iterator<Item = &Descriptor> {
        self.blobs.values().filter(|(_, outcome)| *outcome == Outcome::Uploaded).map(|(blob, _)| blob)
    }

    /// All blobs.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        self.blobs.values().map(|(blob, _)| blob)
    }
}

/// A word.
impl Printable for Outcome {}

impl Outcome {
    /// Whether the layer is in the registry, or need not be, without having been sent.
    pub(crate) fn is_skipped(self) -> bool {
        matches!(self, Self::Present | Self::Mounted | Self::Foreign)
    }

    /// The outcome's word, for people and programs.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Present => "present",
            Self::Mounted => "mounted",
            Self::Foreign => "foreign",
            Self::Missing => "missing",
        }
    }
}
