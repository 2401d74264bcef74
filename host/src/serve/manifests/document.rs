//! Manifests that are pushed: their kind, the content that they need, and the manifest that they belong to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::metadata::Manifest;
use crate::image::{Digest, DocumentKind, media_type};
use crate::json;
use crate::serve::any_digest::AnyDigest;
use crate::serve::api_error::{ApiError, Code};
use crate::text::printable;

/// OCI's manifest of an artifact, of the release candidates of the image specification 1.1: ORAS and Notation wrote it.
const ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Docker's manifests of before 2015, with and without a signature.
const SCHEMA_1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];
/// Types that a program sends which does not know what it sends, curl among them.
const TYPES_OF_ANYTHING: [&str; 4] =
    ["application/json", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"];
/// Longest part of a manifest or header in an error, in characters.
const MAX_SHOWN: usize = 200;

/// What a registry has to know of a manifest.
#[derive(Debug)]
pub(super) struct Document {
    /// The type to give back with it.
    pub(super) media_type: String,
    /// The blobs that have to be stored before it.
    pub(super) required: Vec<Digest>,
    /// The manifest that it belongs to.
    pub(super) subject: Option<String>,
}

/// A manifest as one that belongs to another.
#[derive(Debug)]
pub(super) struct Referrer {
    /// The kind of artifact that it is.
    pub(super) artifact_type: Option<String>,
    /// Its annotations.
    pub(super) annotations: BTreeMap<String, String>,
}

/// The members that a manifest of any type may have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(default, deserialize_with = "json::if_valid")]
    schema_version: Option<u64>,
    #[serde(default, deserialize_with = "json::if_valid")]
    media_type: Option<String>,
    #[serde(default, deserialize_with = "json::if_valid")]
    artifact_type: Option<String>,
    #[serde(default, deserialize_with = "json::if_valid")]
    subject: Option<Linked>,
    #[serde(default, deserialize_with = "json::if_valid")]
    config: Option<Linked>,
    #[serde(default, deserialize_with = "json::if_valid")]
    annotations: Option<BTreeMap<String, String>>,
}

/// The content that a manifest of a known type links to.
#[derive(Deserialize)]
struct Links {
    #[serde(default)]
    config: Option<Linked>,
    #[serde(default)]
    layers: Vec<Linked>,
    #[serde(default)]
    blobs: Vec<Linked>,
    #[serde(default)]
    manifests: Vec<Linked>,
}

/// A descriptor (image specification, "Content Descriptors").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linked {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    urls: Vec<String>,
}

impl Linked {
    /// Whether registries need not have it: it has another place, or must not be given away.
    fn is_elsewhere(&self) -> bool {
        let kind = &self.media_type;
        !self.urls.is_empty()
            || kind.starts_with("application/vnd.oci.image.layer.nondistributable.")
            || kind.starts_with("application/vnd.docker.image.rootfs.foreign.")
    }

    fn digest(&self) -> Result<AnyDigest, ApiError> {
        self.digest.parse().map_err(|error: ApiError| invalid(error.message()))
    }
}

impl Document {
    /// Reads a manifest that is pushed with a `Content-Type`. Types that are not known are taken as they are.
    ///
    /// # Errors
    /// The specification's error for a manifest that is malformed, contradicts itself or its `Content-Type`, or is of
    /// a kind that registries have given up.
    pub(super) fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Self, ApiError> {
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(invalid("a manifest is a JSON object"));
        }
        let head: Head = json::read(body).map_err(|error| invalid(&format!("the manifest is no JSON: {error}")))?;
        let media_type = media_type_of(content_type, &head)?;
        if SCHEMA_1.contains(&media_type.as_str()) || head.schema_version == Some(1) {
            let message = "manifests of Docker's schema 1 are not taken, since no client has made them for years; \
                           push the image again with a newer one, in OCI's form or in Docker's schema 2";
            return Err(invalid(message));
        }
        let subject = match &head.subject {
            Some(subject) => Some(subject.digest()?.as_str().to_owned()),
            None => None,
        };
        Ok(Self { required: required(&media_type, body)?, media_type, subject })
    }
}

impl Referrer {
    /// Reads a stored manifest that belongs to `subject`; `None` for others.
    pub(super) fn of(manifest: &Manifest, subject: &AnyDigest) -> Option<Self> {
        let head: Head = json::read(&manifest.body).ok()?;
        head.subject.filter(|own| own.digest == subject.as_str())?;
        // Of an image, the configuration's type stands in; an index has no other ("Listing Referrers").
        let config_type = || head.config.map(|config| config.media_type).filter(|_| !is_index(&manifest.media_type));
        let artifact_type = head.artifact_type.filter(|kind| !kind.is_empty()).or_else(config_type);
        Some(Self { artifact_type, annotations: head.annotations.unwrap_or_default() })
    }
}

fn is_index(kind: &str) -> bool {
    matches!(kind, media_type::OCI_INDEX | media_type::DOCKER_LIST)
}

/// The type of a manifest: the header's, without parameters, which has to be the manifest's own where that has one
/// ("Pushing Manifests"). Without a header it is the manifest's own.
fn media_type_of(content_type: Option<&str>, head: &Head) -> Result<String, ApiError> {
    let header = content_type.and_then(|value| value.split(';').next()).map(str::trim).filter(|kind| !kind.is_empty());
    let own = head.media_type.as_deref().filter(|kind| !kind.is_empty());
    match (header, own) {
        (Some(header), Some(own)) if header != own => {
            let (header, own) = (printable(header, MAX_SHOWN), printable(own, MAX_SHOWN));
            Err(invalid(&format!("the Content-Type is `{header}`, but the manifest's `mediaType` is `{own}`")))
        }
        (Some(kind), _) | (None, Some(kind)) if TYPES_OF_ANYTHING.contains(&kind) => {
            Err(invalid(&format!("`{kind}` does not say what kind of manifest it is; send its type as Content-Type")))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok(kind.to_owned()),
        (None, None) => Err(invalid("neither a Content-Type nor a `mediaType` says what kind of manifest it is")),
    }
}

/// The blobs that a manifest needs. The manifests of an index may be absent: an index of one platform of many is of use
/// as well, and the specification lets registries take it ("Push").
fn required(kind: &str, body: &[u8]) -> Result<Vec<Digest>, ApiError> {
    let is_image = matches!(kind, media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST);
    if !is_image && !is_index(kind) && kind != ARTIFACT_MANIFEST {
        return Ok(Vec::new());
    }
    let links: Links = json::read(body).map_err(|error| invalid(&format!("the manifest is malformed: {error}")))?;
    if is_image && links.config.is_none() {
        return Err(invalid("an image's manifest has a `config`"));
    }
    // One document that is an image to one program and an index to another hides one of them (CVE-2021-41190).
    if kind != ARTIFACT_MANIFEST {
        DocumentKind::of(kind, body).map_err(|error| invalid(&error.to_string()))?;
    }
    for child in &links.manifests {
        child.digest()?;
    }
    let blobs = links.config.iter().chain(&links.layers).chain(&links.blobs);
    blobs.filter(|blob| !blob.is_elsewhere()).map(|blob| blob.digest()?.stored()).collect()
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(Code::ManifestInvalid, message)
}
