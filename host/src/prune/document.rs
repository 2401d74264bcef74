//! Manifests as a graph needs them: what they name, what they belong to, and their time. Whatever can't be read is left
//! out: a manifest that names something of another algorithm names the rest, too.

use serde::Deserialize;

use super::created;
use super::graph::{Blob, Node, NodeKind};
use crate::distribution::FoundManifest;
use crate::image::{Descriptor, Digest, media_type};
use crate::json;

/// The annotation of the time at which an image was made (image-spec, "Pre-Defined Annotation Keys").
const CREATED: &str = "org.opencontainers.image.created";

/// Blobs of a manifest that are told apart for sums of bytes. Images have at most 127 layers.
const MAX_BLOBS: usize = 1_000;

/// A descriptor whose digest may be of any algorithm.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    size: u64,
}

/// A manifest of any kind.
#[derive(Debug, Default, Deserialize)]
struct Document {
    #[serde(default)]
    config: Option<Named>,
    #[serde(default)]
    layers: Vec<Named>,
    /// The files of an artifact manifest, as drafts of the specification had it.
    #[serde(default)]
    blobs: Vec<Named>,
    #[serde(default)]
    manifests: Vec<Named>,
    #[serde(default)]
    subject: Option<Named>,
    #[serde(default)]
    annotations: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The time in a configuration.
#[derive(Debug, Default, Deserialize)]
struct Config {
    #[serde(default)]
    created: Option<String>,
}

/// A manifest as a node, and the configuration that may know the image's time.
pub(super) struct ReadManifest {
    /// The node.
    pub(super) node: Node,
    /// The image's configuration, where the manifest itself does not tell the time.
    pub(super) config: Option<Descriptor>,
}

impl Named {
    fn digest(&self) -> Option<Digest> {
        self.digest.parse().ok()
    }

    fn blob(&self) -> Blob {
        Blob { id: first_bits(self.digest.split_once(':').map_or("", |(_, hex)| hex)), size: self.size }
    }
}

/// The first 64 bits of a digest, which tell it from others.
pub(super) fn id(digest: &Digest) -> u64 {
    first_bits(digest.hex())
}

/// The first 64 bits of hexadecimal digits.
fn first_bits(hex: &str) -> u64 {
    hex.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default()
}

/// Reads a manifest at a time, in Unix seconds.
pub(super) fn read(found: &FoundManifest, now: u64) -> ReadManifest {
    let document: Document = json::read(&found.bytes).unwrap_or_default();
    let Document { config, layers, blobs, manifests, subject, annotations } = document;
    let is_index =
        !manifests.is_empty() || matches!(found.media_type.as_str(), media_type::OCI_INDEX | media_type::DOCKER_LIST);
    let is_image_config =
        |config: &&Named| matches!(config.media_type.as_str(), media_type::OCI_CONFIG | media_type::DOCKER_CONFIG);
    let kind = match &config {
        _ if is_index => NodeKind::Index,
        Some(config) if is_image_config(&config) && subject.is_none() => NodeKind::Image,
        Some(_) => NodeKind::Artifact,
        None if subject.is_some() || !blobs.is_empty() => NodeKind::Artifact,
        None => NodeKind::Unknown,
    };
    let annotated = annotations.as_ref().and_then(|annotations| annotations.get(CREATED)?.as_str());
    let created = annotated.and_then(|text| created::believable(text, now));
    let asked = config
        .as_ref()
        .filter(is_image_config)
        .filter(|_| created.is_none())
        .and_then(|config| Some(Descriptor::new(&config.media_type, config.digest()?, config.size)));
    let named = config.iter().chain(&layers).chain(&blobs);
    let node = Node {
        kind,
        size: found.bytes.len() as u64,
        children: manifests.iter().filter_map(Named::digest).collect(),
        subject: subject.as_ref().and_then(Named::digest),
        config: config.as_ref().and_then(Named::digest),
        blobs: named.take(MAX_BLOBS).map(Named::blob).collect(),
        created,
    };
    ReadManifest { node, config: asked }
}

/// The time in an image's configuration, if it is one.
pub(super) fn created_in(config: &[u8], now: u64) -> Option<u64> {
    let config: Config = json::read(config).ok()?;
    created::believable(&config.created?, now)
}

#[cfg(test)]
mod tests {
    use super::super::graph::made::digest;
    use super::*;
    use crate::text::Moment;

    /// 2026-11-29T00:00:00Z
    const NOW: u64 = 1_795_910_400;

    fn read_json(media_type: &str, json: &str) -> ReadManifest {
        let bytes = json.as_bytes().to_vec();
        let digest = Digest::of(&bytes);
        read(&FoundManifest { media_type: media_type.to_owned(), bytes: bytes.into(), digest }, NOW)
    }

    #[test]
    fn an_index_names_its_children_though_one_is_of_another_algorithm() {
        let sha512 = format!("sha512:{}", "0".repeat(128));
        let json = format!(
            r#"{{"manifests":[{{"digest":"{}","size":1}},{{"digest":"{sha512}","size":1}},{{"digest":3}}]}}"#,
            digest("a")
        );
        let json = json.replace(r#",{"digest":3}"#, "");
        let read = read_json(media_type::OCI_INDEX, &json);
        assert_eq!((read.node.kind, read.node.children), (NodeKind::Index, vec![digest("a")]));
    }

    #[test]
    fn the_time_is_that_of_the_annotation_or_of_the_configuration() {
        let config = digest("config");
        let manifest = |created: &str| {
            format!(
                r#"{{"config":{{"mediaType":"{}","digest":"{config}","size":2}},"layers":[],"annotations":{{"{CREATED}":"{created}"}}}}"#,
                media_type::OCI_CONFIG
            )
        };
        let dated = read_json(media_type::OCI_MANIFEST, &manifest("2026-01-02T03:04:05Z"));
        assert_eq!(
            (dated.node.created.map(|time| Moment(time).to_string()).as_deref(), dated.config.is_some()),
            (Some("2026-01-02T03:04:05Z"), false)
        );
        let lying = read_json(media_type::OCI_MANIFEST, &manifest("1970-01-01T00:00:00Z"));
        assert_eq!((lying.node.created, lying.config.map(|config| config.digest)), (None, Some(config)));
        assert!(created_in(br#"{"created":"2026-01-02T03:04:05Z"}"#, NOW).is_some());
        assert_eq!(created_in(br#"{"created":null}"#, NOW), None);
        assert_eq!(created_in(b"no", NOW), None);
    }

    #[test]
    fn what_is_no_manifest_names_nothing() {
        let read = read_json("application/x", "[1]");
        assert_eq!((read.node.kind, read.node.children.len(), read.node.subject), (NodeKind::Unknown, 0, None));
    }
}
