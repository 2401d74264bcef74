//! What a manifest is: an image, or one of the other things that registries keep.

use serde::Serialize;

use crate::image::{ATTESTED, Descriptor, DocumentKind, Manifest, ManifestError};
use crate::text::Printable;

/// The sorts of content that users meet in registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// An image for one platform.
    Image,
    /// Several images under one name.
    Index,
    /// Statements about an image, which BuildKit puts into the same index, or others attach to it.
    Attestation,
    /// A signature of an image.
    Signature,
    /// A list of the software in an image.
    Sbom,
    /// A package of Helm.
    HelmChart,
    /// A component or module of WebAssembly.
    Wasm,
    /// A plugin of Docker.
    Plugin,
    /// Weights of a model.
    Model,
    /// Anything else in the form of a manifest.
    Artifact,
    /// An image in the form that Docker 1.10 replaced, whose manifest has no sizes.
    Schema1,
}

/// Docker's manifests before schema 2, signed and unsigned.
const SCHEMA_1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v1+json",
];

/// Media types, or their beginnings, of what is not an image: those of `artifactType`, of a configuration, and of
/// layers. The first that fits counts.
const KNOWN: [(&str, Kind); 16] = [
    ("application/vnd.dev.cosign.simplesigning.v1+json", Kind::Signature),
    ("application/vnd.dev.cosign.artifact.sig.", Kind::Signature),
    ("application/vnd.dev.sigstore.bundle", Kind::Signature),
    ("application/vnd.cncf.notary.signature", Kind::Signature),
    ("application/vnd.cncf.helm.config.", Kind::HelmChart),
    ("application/vnd.cncf.helm.chart.", Kind::HelmChart),
    ("application/vnd.wasm.", Kind::Wasm),
    ("application/wasm", Kind::Wasm),
    ("application/vnd.module.wasm.", Kind::Wasm),
    ("application/spdx", Kind::Sbom),
    ("text/spdx", Kind::Sbom),
    ("application/vnd.cyclonedx", Kind::Sbom),
    ("application/vnd.in-toto", Kind::Attestation),
    ("application/vnd.dsse.envelope", Kind::Attestation),
    ("application/vnd.docker.plugin.", Kind::Plugin),
    ("application/vnd.docker.ai.", Kind::Model),
];

impl Kind {
    /// What bytes that are given with this media type are.
    ///
    /// # Errors
    /// Where they are several things at once.
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Result<Self, ManifestError> {
        let by_manifest =
            || Manifest::parse(bytes).map_or(Self::Artifact, |manifest| Self::of_manifest(&manifest, bytes));
        Ok(match DocumentKind::of(media_type, bytes)? {
            DocumentKind::Index(_) => Self::Index,
            DocumentKind::Manifest(_) => by_manifest(),
            DocumentKind::Other(one) if SCHEMA_1.contains(&one.as_str()) || is_schema_1(bytes) => Self::Schema1,
            // A registry that calls everything JSON says nothing about what it is.
            DocumentKind::Other(_) => by_manifest(),
        })
    }

    /// The same for what is only shown or deleted: what is several things at once is an artifact.
    pub(crate) fn shown(media_type: &str, bytes: &[u8]) -> Self {
        Self::of(media_type, bytes).unwrap_or(Self::Artifact)
    }

    fn of_manifest(manifest: &Manifest, bytes: &[u8]) -> Self {
        let artifact_type = artifact_type(bytes);
        let named = artifact_type.as_deref().unwrap_or(&manifest.config.media_type);
        let layers = manifest.layers.iter().map(|layer| layer.media_type.as_str());
        let find = |one: &str| KNOWN.iter().find(|(known, _)| one.starts_with(known)).map(|(_, kind)| *kind);
        // Attestations and signatures have the configuration of an image, so that old registries take them.
        let known = find(named).or_else(|| layers.into_iter().find_map(find));
        match known {
            Some(kind) => kind,
            None if artifact_type.is_none() && manifest.config.is_image_config() => Self::Image,
            None => Self::Artifact,
        }
    }

    /// The kind as a noun with its article, for users.
    #[must_use]
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::Index => "an index",
            Self::Attestation => "an attestation",
            Self::Signature => "a signature",
            Self::Sbom => "an SBOM",
            Self::HelmChart => "a Helm chart",
            Self::Wasm => "a WebAssembly component",
            Self::Plugin => "a Docker plugin",
            Self::Model => "a model",
            Self::Artifact => "an artifact",
            Self::Schema1 => "an image in Docker's schema 1",
        }
    }
}

impl Printable for Kind {}

/// Whether a manifest says that it is of Docker's schema 1.
fn is_schema_1(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Versioned {
        #[serde(default)]
        schema_version: u8,
    }
    crate::json::read::<Versioned>(bytes).is_ok_and(|document| document.schema_version == 1)
}

/// The artifact type of a manifest (image specification 1.1, "Guidelines for Artifact Usage").
#[must_use]
pub(crate) fn artifact_type(bytes: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        #[serde(default, deserialize_with = "crate::json::non_empty")]
        artifact_type: Option<String>,
    }
    crate::json::read::<Typed>(bytes).ok()?.artifact_type
}

/// The annotations of an entry of an index by which BuildKit says that it is an attestation, and of which image.
const ATTESTATION: (&str, &str) = ("vnd.docker.reference.type", ATTESTED);

/// Whether an entry of an index is an attestation of BuildKit.
#[must_use]
pub(crate) fn is_attestation(entry: &Descriptor) -> bool {
    entry.annotations.get(ATTESTATION.0).is_some_and(|kind| kind == "attestation-manifest")
}

/// The digest of the image that an attestation in an index is about.
#[must_use]
pub(crate) fn attested(entry: &Descriptor) -> Option<&str> {
    is_attestation(entry).then(|| entry.annotations.get(ATTESTATION.1).map(String::as_str)).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::image::{Digest, media_type};

    fn descriptor(media_type: &str) -> serde_json::Value {
        json!({ "mediaType": media_type, "digest": Digest::of(b""), "size": 0 })
    }

    fn kind(config: &str, artifact_type: Option<&str>, layer: &str) -> Kind {
        let mut manifest = json!({ "schemaVersion": 2, "config": descriptor(config), "layers": [descriptor(layer)] });
        if let Some(artifact_type) = artifact_type {
            manifest["artifactType"] = artifact_type.into();
        }
        Kind::of(media_type::OCI_MANIFEST, manifest.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_manifest_is_what_its_media_types_say() {
        let (image, empty) = (media_type::OCI_CONFIG, "application/vnd.oci.empty.v1+json");
        for (config, artifact_type, layer, expected) in [
            (image, None, media_type::OCI_LAYER_GZIP, Kind::Image),
            (media_type::DOCKER_CONFIG, None, media_type::DOCKER_LAYER_GZIP, Kind::Image),
            (image, None, "application/vnd.in-toto+json", Kind::Attestation),
            (image, None, "application/vnd.dev.cosign.simplesigning.v1+json", Kind::Signature),
            (empty, Some("application/vnd.dev.sigstore.bundle.v0.3+json"), "application/json", Kind::Signature),
            (empty, Some("application/spdx+json"), "application/spdx+json", Kind::Sbom),
            ("application/vnd.cncf.helm.config.v1+json", None, "x", Kind::HelmChart),
            ("application/vnd.wasm.config.v0+json", None, "application/wasm", Kind::Wasm),
            ("application/vnd.docker.plugin.v1+json", None, "x", Kind::Plugin),
            (empty, Some("application/vnd.acme"), "text/plain", Kind::Artifact),
            (image, Some("application/vnd.acme"), media_type::OCI_LAYER, Kind::Artifact),
            ("application/vnd.acme+json", None, "text/plain", Kind::Artifact),
        ] {
            assert_eq!(kind(config, artifact_type, layer), expected, "{config} {artifact_type:?} {layer}");
        }
    }

    #[test]
    fn without_a_telling_media_type_the_content_says_what_it_is() {
        let of = |media_type: &str, body: serde_json::Value| Kind::of(media_type, body.to_string().as_bytes()).unwrap();
        let child = descriptor(media_type::OCI_MANIFEST);
        assert_eq!(of("application/json", json!({ "schemaVersion": 2, "manifests": [child] })), Kind::Index);
        assert_eq!(of("text/plain", json!({ "schemaVersion": 1, "fsLayers": [] })), Kind::Schema1);
        assert_eq!(of(SCHEMA_1[0], json!({})), Kind::Schema1);
        assert_eq!(of(media_type::OCI_INDEX, json!({ "manifests": [] })), Kind::Index);
        assert_eq!(of("text/plain", json!(7)), Kind::Artifact);
    }
}
