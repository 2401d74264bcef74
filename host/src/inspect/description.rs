//! What is seen of an image at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use super::error::InspectError;
use super::kind::{Kind, artifact_type, attested, is_attestation};
use super::opened::{Image, Opened};
use super::settings::Settings;
use crate::distribution::FoundManifest;
use crate::image::{Descriptor, Digest, Manifest, Platform, Tag, media_type};
use crate::json;
use crate::source::Layer;
use crate::text::Escaped;

/// An image, an index, or anything else in a registry or a file.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    /// Its name with its digest, or the place on this machine.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Escaped,
    /// The tag that was asked for.
    pub(crate) tag: Option<Tag>,
    /// What it is.
    pub(crate) kind: Kind,
    /// The digest of its manifest or index; absent for an image that has none yet.
    pub(crate) digest: Option<Digest>,
    /// The media type of that.
    pub(crate) media_type: Option<String>,
    /// What an artifact is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    /// The digest of the image that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Digest>,
    /// The annotations of its manifest or index.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The entries of an index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manifests: Option<Vec<Entry>>,
    /// The image itself, or the one of the index for the platform; absent where none of several is meant.
    pub(crate) image: Option<Content>,
    /// The tags of the same digest, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) all_tags: Option<Vec<Tag>>,
}

/// An entry of an index.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The platform that it is for, `os/architecture[/variant]`.
    pub(crate) platform: Option<String>,
    /// The version of its operating system, which tells images for Windows apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) os_version: Option<String>,
    /// Its digest.
    pub(crate) digest: Digest,
    /// Its media type.
    pub(crate) media_type: String,
    /// Bytes of the manifest, not of the image.
    pub(crate) size: u64,
    /// Whether it is an attestation of BuildKit, and no image.
    pub(crate) attestation: bool,
    /// The digest of the image that an attestation is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attests: Option<String>,
    /// Its annotations in the index.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// One image, or one artifact.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    /// The digest of its manifest; absent for an image that has none yet.
    pub(crate) digest: Option<Digest>,
    /// Its platform, `os/architecture[/variant]`.
    pub(crate) platform: Option<String>,
    /// The digest of its configuration, which is Docker's image id.
    pub(crate) config: Option<Digest>,
    /// Bytes of all layers as they are stored.
    pub(crate) size: u64,
    /// Its layers, the lowest first; the blobs of an artifact.
    pub(crate) layers: Vec<Blob>,
    /// The annotations of its manifest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
    /// The settings in its configuration; absent for an artifact.
    pub(crate) settings: Option<Settings>,
}

/// A layer, or a blob of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Blob {
    /// The digest of the blob; of a layer that is stored nowhere as a blob, that of its archive.
    pub(crate) digest: Digest,
    /// Its media type; absent where it has none yet.
    pub(crate) media_type: Option<String>,
    /// Bytes, as they are stored.
    pub(crate) size: Option<u64>,
    /// The name of the file that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
}

/// The annotation with the name of a file (image specification, "Pre-Defined Annotation Keys").
const TITLE: &str = "org.opencontainers.image.title";

/// Describes what was opened. Of an index, the image for `platform` or this machine's is described beside it; one
/// request for its manifest and one for its configuration are all that is read, since registries count them.
///
/// # Errors
/// If something can't be read, or the index has no image for the platform.
pub(crate) async fn describe(
    opened: &mut Opened<'_>,
    platform: Option<&Platform>,
) -> Result<Description, InspectError> {
    let root = opened.root().ok();
    let kind = opened.kind()?;
    let entries = opened.entries()?;
    let image = match kind {
        // What is in it is not known to crhost; that it is there is.
        Kind::Schema1 => None,
        _ => match (opened.image(platform).await, &entries) {
            // An index whose child was lost is still an index.
            (Err(InspectError::NoChild { digest, .. }), Some(_)) if platform.is_none() => {
                tracing::warn!("the index names the manifest `{digest}`, which is not there");
                None
            }
            // Any JSON can be kept as an artifact.
            (Err(InspectError::Malformed { .. }), None) => None,
            (image, _) => image?,
        },
    };
    let bytes = root.as_ref().map(|root| root.bytes.clone()).unwrap_or_default();
    Ok(Description {
        name: opened.pinned(),
        tag: tag(opened),
        kind,
        artifact_type: artifact_type(&bytes).or_else(|| type_of_configuration(&bytes)),
        subject: Manifest::parse(&bytes).ok().and_then(|manifest| Some(manifest.subject?.digest)),
        annotations: annotations(&bytes),
        manifests: entries.map(|entries| {
            let versions = os_versions(&bytes).into_iter().chain(std::iter::repeat(None));
            entries.into_iter().zip(versions).map(|(entry, version)| Entry::new(entry, version)).collect()
        }),
        image: image.map(Content::new),
        all_tags: None,
        digest: root.as_ref().map(|root| root.digest.clone()),
        media_type: root.map(|root| root.media_type),
    })
}

fn tag(opened: &Opened<'_>) -> Option<Tag> {
    match opened {
        Opened::Remote(remote) => remote.session.target.image.tag().cloned(),
        Opened::Local(_) => None,
    }
}

/// The versions of the operating systems of an index's entries, in their order (image specification, "Image Index").
fn os_versions(index: &Bytes) -> Vec<Option<String>> {
    #[derive(Default, serde::Deserialize)]
    struct Index {
        #[serde(default)]
        manifests: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(default, deserialize_with = "json::if_valid")]
        platform: Option<Platform>,
    }
    #[derive(serde::Deserialize)]
    struct Platform {
        #[serde(default, rename = "os.version", deserialize_with = "json::non_empty")]
        os_version: Option<String>,
    }
    let Index { manifests } = json::read(index).unwrap_or_default();
    manifests.into_iter().map(|entry| entry.platform.and_then(|platform| platform.os_version)).collect()
}

/// The type of an artifact that has none of its own: that of its configuration (image specification, "Guidelines for
/// Artifact Usage").
fn type_of_configuration(document: &Bytes) -> Option<String> {
    let config = Manifest::parse(document).ok()?.config;
    let is_told = !config.media_type.is_empty() && !config.is_image_config();
    is_told.then_some(config.media_type)
}

/// The annotations of a manifest or index.
fn annotations(document: &Bytes) -> BTreeMap<String, String> {
    #[derive(Default, serde::Deserialize)]
    struct Annotated {
        #[serde(default, deserialize_with = "json::if_valid")]
        annotations: Option<BTreeMap<String, String>>,
    }
    json::read::<Annotated>(document).unwrap_or_default().annotations.unwrap_or_default()
}

impl Entry {
    /// Whether it is an index itself.
    #[must_use]
    pub(crate) fn is_index(&self) -> bool {
        matches!(self.media_type.as_str(), media_type::OCI_INDEX | media_type::DOCKER_LIST)
    }

    fn new(entry: Descriptor, os_version: Option<String>) -> Self {
        Self {
            os_version,
            attestation: is_attestation(&entry),
            attests: attested(&entry).map(ToOwned::to_owned),
            platform: entry.platform.as_ref().map(ToString::to_string),
            digest: entry.digest,
            media_type: entry.media_type,
            size: entry.size,
            annotations: entry.annotations,
        }
    }
}

impl Content {
    fn new(image: Image) -> Self {
        let Image { manifest, config, layers, platform } = image;
        let layers: Vec<Blob> = layers.into_iter().map(Blob::new).collect();
        let (found, parsed): (Option<FoundManifest>, Option<Manifest>) = manifest.unzip();
        Self {
            annotations: found.as_ref().map(|found| annotations(&found.bytes)).unwrap_or_default(),
            digest: found.map(|found| found.digest),
            platform: platform.map(|platform| platform.to_string()),
            config: match parsed {
                Some(parsed) => Some(parsed.config.digest),
                None => config.as_deref().map(Digest::of),
            },
            size: layers.iter().filter_map(|layer| layer.size).fold(0, u64::saturating_add),
            layers,
            settings: config.and_then(|config| Settings::parse(&config).ok()),
        }
    }
}

impl Blob {
    pub(super) fn new(layer: Layer) -> Self {
        match layer {
            Layer::Blob(mut blob) => Self {
                title: blob.annotations.remove(TITLE),
                media_type: Some(blob.media_type),
                size: Some(blob.size),
                digest: blob.digest,
            },
            Layer::Tar { diff_id, size } => Self { digest: diff_id, media_type: None, size, title: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_for_windows_are_told_apart_by_their_versions() {
        let index = br#"{"manifests": [
            {"platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.17763.1"}},
            {"platform": {"os": "linux", "architecture": "amd64"}}, {"platform": 7}, {}
        ]}"#;
        let versions = os_versions(&Bytes::from_static(index));
        assert_eq!(versions, [Some("10.0.17763.1".to_owned()), None, None, None]);
        assert!(os_versions(&Bytes::from_static(b"no JSON")).is_empty());
    }
}
