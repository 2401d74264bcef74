//! The lists of a storage: `images.json` and `layers.json` (`images.go` and `layers.go` of
//! <https://github.com/containers/storage>).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::json;

/// An image of `images.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct ImageRecord {
    /// Its id: of an image of today's forms, the hexadecimal digits of its configuration's digest.
    pub(super) id: String,
    /// The digest of its manifest.
    #[serde(deserialize_with = "json::non_empty")]
    pub(super) digest: Option<String>,
    /// Its names, each with a tag or a digest.
    pub(super) names: Vec<String>,
    /// The id of its top layer; empty for an image without layers.
    pub(super) layer: String,
    /// The digests of its documents, by their keys. Those of manifests begin with `manifest`.
    pub(super) big_data_digests: BTreeMap<String, String>,
}

/// A layer of `layers.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct LayerRecord {
    /// Its id, which is no digest.
    pub(super) id: String,
    /// The id of the layer below it.
    #[serde(deserialize_with = "json::non_empty")]
    pub(super) parent: Option<String>,
    /// Its diff id.
    #[serde(deserialize_with = "json::non_empty")]
    pub(super) diff_digest: Option<String>,
    /// The bytes of its archive.
    #[serde(deserialize_with = "json::if_valid")]
    pub(super) diff_size: Option<u64>,
}

impl ImageRecord {
    /// Whether a manifest of the image has this digest.
    pub(super) fn has_digest(&self, digest: &str) -> bool {
        let of_documents = self.big_data_digests.iter().filter(|(key, _)| key.starts_with("manifest"));
        self.digest.as_deref() == Some(digest)
            || of_documents.map(|(_, digest)| digest).any(|known| known == digest)
            || self.names.iter().any(|name| name.rsplit_once('@').is_some_and(|(_, known)| known == digest))
    }

    /// Its first name, or its short id.
    pub(super) fn shown(&self) -> String {
        self.names.first().cloned().unwrap_or_else(|| self.id.chars().take(12).collect())
    }
}

/// Whether a text is an id, and no path.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The file of a document (`makeBigDataBaseName`): its key, in base64 where that has other characters than those.
pub(super) fn file_of(key: &str) -> String {
    use base64::Engine as _;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.';
    match key.bytes().all(is_plain) {
        true => key.to_owned(),
        false => format!("={}", base64::engine::general_purpose::STANDARD.encode(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_filed_by_their_keys() {
        assert_eq!(file_of("manifest"), "manifest");
        let key = "sha256:c4b00147116ecf7824f502f15f4c5986ad2613359c91caa2beb548b6db1adee7";
        let file = "=c2hhMjU2OmM0YjAwMTQ3MTE2ZWNmNzgyNGY1MDJmMTVmNGM1OTg2YWQyNjEzMzU5YzkxY2FhMmJlYjU0OGI2ZGIxYWRlZTc=";
        assert_eq!(file_of(key), file);
    }
}
