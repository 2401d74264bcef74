//! What the host knows of an image, for policies.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::image::Digest;

/// What the host knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Evidence {
    /// The whole reference of the image that is copied.
    pub(crate) source: Option<String>,
    /// The index, if it is one.
    pub(crate) index: Option<String>,
    /// The annotations of the index.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The images: one, or those of the index.
    pub(crate) images: Vec<ImageEvidence>,
    /// Signatures that were looked at.
    pub(crate) signatures: Vec<SignatureEvidence>,
    /// Everything that is deleted.
    pub(crate) removals: Vec<Removal>,
}

/// A manifest with its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct ImageEvidence {
    /// Its platform.
    pub(crate) platform: Option<String>,
    /// The manifest's digest, if it is known yet.
    pub(crate) digest: Option<Digest>,
    /// The manifest's media type, if it is known yet.
    pub(crate) media_type: Option<String>,
    /// The manifest, if it is known yet.
    pub(crate) manifest: Option<String>,
    /// The configuration, if it is known yet and is text.
    pub(crate) configuration: Option<String>,
    /// The layers, lowest first.
    pub(crate) layers: Vec<LayerEvidence>,
    /// The history, oldest first.
    pub(crate) history: Vec<HistoryEntry>,
    /// The labels of the configuration.
    pub(crate) labels: BTreeMap<String, String>,
    /// The names of the environment variables that the configuration sets.
    pub(crate) environment: Vec<String>,
    /// The user that the image runs as.
    pub(crate) user: Option<String>,
    /// The annotations of the manifest.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The base that it says it was built on.
    pub(crate) base: Option<BaseImage>,
}

/// A layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct LayerEvidence {
    /// Its media type, unless it is compressed on the way.
    pub(crate) media_type: Option<String>,
    /// The blob's digest, unless it is compressed on the way.
    pub(crate) digest: Option<Digest>,
    /// The bytes of the blob, or of the archive.
    pub(crate) size: Option<u64>,
    /// The digest of the uncompressed archive.
    pub(crate) diff_id: Option<Digest>,
}

/// An entry of an image's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct HistoryEntry {
    /// When it was made, as it is written.
    pub(crate) created: Option<String>,
    /// What made it.
    pub(crate) created_by: Option<String>,
    /// A remark.
    pub(crate) comment: Option<String>,
    /// Whether it made no layer.
    pub(crate) empty_layer: bool,
}

/// The base that an image says it was built on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct BaseImage {
    /// Its reference.
    pub(crate) name: Option<String>,
    /// The digest of its manifest.
    pub(crate) digest: Option<String>,
}

/// A signature that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SignatureEvidence {
    /// The digest of the manifest that it signs.
    pub(crate) digest: Digest,
    /// Whether it was verified.
    pub(crate) verified: bool,
    /// Whose it is, or with which key it was verified.
    pub(crate) signer: Option<String>,
}

/// Something that is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Removal {
    /// Its whole reference.
    pub(crate) reference: String,
    /// The manifest's digest, if it is known.
    pub(crate) digest: Option<Digest>,
    /// The tags that go with it.
    pub(crate) tags: Vec<String>,
    /// The manifest's media type, if it is known.
    pub(crate) media_type: Option<String>,
}

impl Evidence {
    /// The evidence for a copy from a source, by its whole reference.
    #[must_use]
    pub(crate) fn from(mut self, source: impl ToString) -> Self {
        self.source = Some(source.to_string());
        self
    }

    /// The evidence with something that is deleted.
    #[must_use]
    pub(crate) fn removing(mut self, removal: Removal) -> Self {
        self.removals.push(removal);
        self
    }

    /// The evidence with signatures that were looked at.
    #[must_use]
    pub(crate) fn signed(mut self, signatures: impl IntoIterator<Item = SignatureEvidence>) -> Self {
        self.signatures.extend(signatures);
        self
    }

    /// About the bytes that it takes in a policy's memory.
    #[must_use]
    pub(crate) fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let map = |map: &BTreeMap<String, String>| {
            map.iter().map(|(name, value)| name.len() + value.len() + ENTRY_BYTES).sum::<usize>()
        };
        let image = |image: &ImageEvidence| {
            let history = image.history.iter();
            let history: usize = history
                .map(|entry| text(&entry.created) + text(&entry.created_by) + text(&entry.comment) + ENTRY_BYTES)
                .sum();
            let environment: usize = image.environment.iter().map(|name| name.len() + ENTRY_BYTES).sum();
            let layers = image.layers.len() * LAYER_BYTES;
            let maps = map(&image.labels) + map(&image.annotations);
            text(&image.manifest) + text(&image.configuration) + history + environment + layers + maps + LAYER_BYTES
        };
        let removal = |removal: &Removal| {
            let tags: usize = removal.tags.iter().map(|tag| tag.len() + ENTRY_BYTES).sum();
            removal.reference.len() + tags + LAYER_BYTES
        };
        let images: usize = self.images.iter().map(image).sum();
        let removals: usize = self.removals.iter().map(removal).sum();
        let signatures = self.signatures.len() * LAYER_BYTES;
        text(&self.index) + text(&self.source) + map(&self.annotations) + images + removals + signatures
    }
}

/// The bytes of an entry of a list besides its text: pointers and lengths.
const ENTRY_BYTES: usize = 32;
/// The bytes of a layer: two digests, a media type and a size.
const LAYER_BYTES: usize = 320;
