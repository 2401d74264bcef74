//! What a document is: registries are asked for manifests, and answer with whatever was stored.

use serde::Deserialize;

use crate::image::{Descriptor, Digest, media_type};
use crate::json;

/// A kind of document, with its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// The manifest of an image, or of an artifact in this form.
    Manifest(String),
    /// An index.
    Index(String),
    /// Anything else, which is passed on byte for byte.
    Other(String),
}

/// The members that tell what a document is.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Shape {
    #[serde(deserialize_with = "json::non_empty")]
    media_type: Option<String>,
    manifests: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
}

impl Kind {
    /// The kind of a media type.
    pub(super) fn of_type(text: &str) -> Self {
        let descriptor = Descriptor::new(text, Digest::of(b""), 0);
        match (descriptor.is_manifest(), descriptor.is_index()) {
            (true, _) => Self::Manifest(text.to_owned()),
            (_, true) => Self::Index(text.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    /// The kind of a document: the media type within it goes before that of the answer, which servers before the
    /// registry may have changed; a document without either (image-spec: `mediaType` should be there) is known by its
    /// members.
    pub(super) fn of(answered: &str, bytes: &[u8]) -> Self {
        let Ok(shape) = json::read::<Shape>(bytes) else { return Self::Other(answered.to_owned()) };
        if let Some(own) = &shape.media_type {
            let own = Self::of_type(own);
            if !matches!(own, Self::Other(_)) {
                return own;
            }
        }
        match Self::of_type(answered) {
            Self::Other(answered) if shape.media_type.is_none() && is_generic(&answered) => {
                match (shape.manifests.is_some(), shape.config.is_some()) {
                    (true, _) => Self::Index(media_type::OCI_INDEX.to_owned()),
                    (_, true) => Self::Manifest(media_type::OCI_MANIFEST.to_owned()),
                    _ => Self::Other(answered),
                }
            }
            Self::Other(answered) => Self::Other(shape.media_type.unwrap_or(answered)),
            kind => kind,
        }
    }
}

/// Whether a media type tells nothing about a document.
fn is_generic(media_type: &str) -> bool {
    ["", "application/json", "application/octet-stream", "text/plain"].contains(&media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_it_says_of_itself_else_what_the_registry_says_else_what_its_members_are() {
        let (list, oci) = (media_type::DOCKER_LIST, media_type::OCI_MANIFEST);
        let own = format!(r#"{{"mediaType":"{list}","manifests":[]}}"#);
        for (answered, bytes, kind) in [
            ("application/json", own.as_str(), Kind::Index(list.to_owned())),
            (oci, own.as_str(), Kind::Index(list.to_owned())),
            (oci, "{}", Kind::Manifest(oci.to_owned())),
            ("application/json", r#"{"manifests":[]}"#, Kind::Index(media_type::OCI_INDEX.to_owned())),
            ("text/plain", r#"{"config":{},"layers":[]}"#, Kind::Manifest(oci.to_owned())),
            ("application/json", "{}", Kind::Other("application/json".to_owned())),
            ("application/json", r#"{"mediaType":"a/b","manifests":[]}"#, Kind::Other("a/b".to_owned())),
            ("a/b", "no JSON", Kind::Other("a/b".to_owned())),
        ] {
            assert_eq!(Kind::of(answered, bytes.as_bytes()), kind, "{answered} {bytes}");
        }
    }
}
