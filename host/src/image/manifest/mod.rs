//! Manifests, indexes and image configurations: the parts of the OCI image specification that a push needs.
//!
//! Documents that are read stay as they are, byte for byte; these types are views of them, which understand the habits
//! of other programs. Only manifests of crhost's own are written from these types.

mod error;
mod kind;
pub(crate) mod media_type;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::platform::{self, Platform};
use crate::json;
pub(crate) use error::ManifestError;
pub(crate) use kind::DocumentKind;

/// BuildKit's annotation of an attestation in an index: the digest of the image that it belongs to.
pub(crate) const ATTESTED: &str = "vnd.docker.reference.digest";

/// A reference to content by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    /// The content's media type; empty where a program left it out.
    #[serde(default)]
    pub(crate) media_type: String,
    /// The content's digest.
    pub(crate) digest: Digest,
    /// The content's length in bytes; 0 where a program left it out.
    #[serde(default)]
    pub(crate) size: u64,
    /// What the content is, of an artifact's manifest in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<Box<str>>,
    /// URLs of a layer that registries do not store ("foreign" or non-distributable).
    #[serde(default, skip_serializing_if = "no_urls")]
    pub(crate) urls: Box<[String]>,
    /// The content's platform; only in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) platform: Option<Platform>,
    /// Annotations: free text by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
    /// The content itself in base64, which makes the blob a copy (image-spec, "Embedded Content").
    #[serde(default, skip_serializing)]
    pub(crate) data: Option<Box<str>>,
}

/// One image: its configuration and its layers, lowest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// 2; 0 where a program left it out.
    #[serde(default)]
    pub(crate) schema_version: u8,
    /// The manifest's own media type.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::non_empty")]
    pub(crate) media_type: Option<String>,
    /// The image's configuration.
    pub(crate) config: Descriptor,
    /// The layers, lowest first.
    #[serde(default)]
    pub(crate) layers: Vec<Descriptor>,
    /// The image that this belongs to, of a signature or another referrer.
    #[serde(default, skip_serializing)]
    pub(crate) subject: Option<Box<Descriptor>>,
}

/// Several images under one name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    /// 2; 0 where a program left it out.
    #[serde(default)]
    pub(crate) schema_version: u8,
    /// The index's own media type.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "json::non_empty")]
    pub(crate) media_type: Option<String>,
    /// The images.
    #[serde(default)]
    pub(crate) manifests: Vec<Descriptor>,
}

/// The parts of an image's configuration that name its platform and layers.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    /// The operating system; may be empty.
    #[serde(default, deserialize_with = "platform::word")]
    pub(crate) os: String,
    /// The processor architecture; may be empty.
    #[serde(default, deserialize_with = "platform::word")]
    pub(crate) architecture: String,
    /// A variant of the architecture.
    #[serde(default, deserialize_with = "platform::optional_word")]
    pub(crate) variant: Option<String>,
    /// The digests of the uncompressed layers.
    #[serde(default)]
    pub(crate) rootfs: RootFs,
    /// The steps that built it; absent where it has none that can be read.
    #[serde(default, deserialize_with = "json::if_valid")]
    history: Option<Vec<Step>>,
}

/// A step of a build (OCI image specification, "history").
#[derive(Debug, Clone, Deserialize)]
struct Step {
    #[serde(default)]
    created_by: String,
    /// Whether it made no layer.
    #[serde(default)]
    empty_layer: bool,
}

/// The layers of an image's configuration.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct RootFs {
    /// Digests of the uncompressed layers, lowest first.
    #[serde(default)]
    pub(crate) diff_ids: Vec<Digest>,
}

impl Descriptor {
    /// A descriptor without optional members.
    #[must_use]
    pub(crate) fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        let media_type = media_type.to_owned();
        let (urls, annotations) = (Box::default(), BTreeMap::new());
        Self { media_type, digest, size, artifact_type: None, urls, platform: None, annotations, data: None }
    }

    /// Whether the content is itself an index.
    #[must_use]
    pub(crate) fn is_index(&self) -> bool {
        matches!(self.media_type.as_str(), media_type::OCI_INDEX | media_type::DOCKER_LIST)
    }

    /// Whether the content is the manifest of one image.
    #[must_use]
    pub(crate) fn is_manifest(&self) -> bool {
        matches!(self.media_type.as_str(), media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST)
    }

    /// Whether the content is the configuration of an image. That of an artifact is anything else.
    #[must_use]
    pub(crate) fn is_image_config(&self) -> bool {
        matches!(self.media_type.as_str(), media_type::OCI_CONFIG | media_type::DOCKER_CONFIG)
    }
}

impl Manifest {
    /// An OCI manifest of these parts.
    #[must_use]
    pub(crate) fn new(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self { schema_version: 2, media_type: Some(media_type::OCI_MANIFEST.to_owned()), config, layers, subject: None }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// When `bytes` are not a manifest, or an index to another program.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        DocumentKind::of_type(media_type::OCI_MANIFEST).ensure(bytes)?;
        parse("image manifest", bytes)
    }

    /// The manifest's bytes; the same manifest always gives the same bytes.
    #[must_use]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers and lists alone, which JSON can always write.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// When `bytes` are not an index, or an image to another program.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        DocumentKind::of_type(media_type::OCI_INDEX).ensure(bytes)?;
        parse("image index", bytes)
    }
}

impl Config {
    /// Reads an image's configuration.
    ///
    /// # Errors
    /// When `bytes` are not an image's configuration.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        parse("image configuration", bytes)
    }

    /// The image's platform, if it names one.
    #[must_use]
    pub(crate) fn platform(&self) -> Option<Platform> {
        let Self { os, architecture, variant, .. } = self.clone();
        let variant = variant.filter(|variant| !variant.is_empty());
        if os.is_empty() || architecture.is_empty() { None } else { Some(Platform { os, architecture, variant }) }
    }

    /// The command of the step that made each layer, lowest first, as far as the history goes.
    #[must_use]
    pub(crate) fn steps(&self) -> Vec<String> {
        let steps = self.history.iter().flatten().filter(|step| !step.empty_layer);
        steps.map(|step| step.created_by.clone()).collect()
    }
}

#[expect(clippy::borrowed_box, reason = "serde gives the field by reference")]
fn no_urls(urls: &Box<[String]>) -> bool {
    urls.is_empty()
}

fn parse<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, ManifestError> {
    // The OCI image specification registers it ("Registered algorithms"), and few programs read it.
    const OTHER: &[u8] = b"\"sha512:";
    json::read(bytes).map_err(|source| {
        let names_other = bytes.windows(OTHER.len()).any(|part| part == OTHER);
        let algorithm = if names_other { "; it names content by sha512, and sha256 is expected" } else { "" };
        ManifestError::Malformed { what, source, algorithm }
    })
}

#[cfg(test)]
mod tests;
