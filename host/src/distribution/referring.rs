//! A manifest that refers to another one by its `subject`, as lists of referrers name it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Explain;
use crate::image::{Digest, Host};
use crate::json;
use crate::text::Escaped;

/// A list of referrers that can't be written.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Conflict)]
pub(crate) enum ReferrersError {
    /// The tag under which an image's referrers are listed has another content.
    #[error("tag `{tag}` of `{host}/{repository}`, where referrers are listed, has something else")]
    #[explain(hint = "the registry keeps no list of referrers itself; remove that tag, and the list takes its place")]
    NoList {
        /// The registry's host.
        host: Host,
        /// The repository.
        repository: Escaped,
        /// The tag.
        tag: Escaped,
    },
    /// A list of referrers would be larger than a manifest may be.
    #[error("the list of referrers `{tag}` at `{host}` would be larger than the 4 MiB that registries take")]
    #[explain(hint = "delete referrers of that image which are no longer needed")]
    Full {
        /// The registry's host.
        host: Host,
        /// The list's tag.
        tag: Escaped,
    },
}

/// A manifest with a `subject`: a signature, an SBOM, anything that belongs to an image.
pub(super) struct Referring {
    /// The digest of what it belongs to.
    pub(super) subject: Digest,
    /// Its own digest.
    pub(super) digest: Digest,
    /// Its descriptor in a list of referrers.
    pub(super) entry: Value,
}

/// The members of a manifest that a list of referrers repeats.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    #[serde(default, deserialize_with = "json::if_valid")]
    subject: Option<Subject>,
    #[serde(default, deserialize_with = "json::non_empty")]
    artifact_type: Option<String>,
    #[serde(default, deserialize_with = "json::if_valid")]
    config: Option<Config>,
    #[serde(default, deserialize_with = "json::if_valid")]
    annotations: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(default, deserialize_with = "json::non_empty")]
    media_type: Option<String>,
}

impl Referring {
    /// Reads a manifest or index; `None` for one that belongs to nothing, and for one that belongs to itself, which
    /// only a broken digest can do.
    pub(super) fn of(media_type: &str, bytes: &[u8]) -> Option<Self> {
        let members: Members = json::read(bytes).ok()?;
        let subject = members.subject?.digest;
        let digest = Digest::of(bytes);
        let mut entry = Map::new();
        entry.insert("mediaType".to_owned(), media_type.into());
        entry.insert("digest".to_owned(), digest.as_str().into());
        entry.insert("size".to_owned(), bytes.len().into());
        // An image manifest without a type of its own is of its configuration's ("Pushing Manifests with Subject").
        let artifact_type = members.artifact_type.or_else(|| members.config?.media_type);
        entry.extend(artifact_type.map(|artifact_type| ("artifactType".to_owned(), artifact_type.into())));
        let annotations = members.annotations.filter(|annotations| !annotations.is_empty());
        entry.extend(annotations.map(|annotations| ("annotations".to_owned(), annotations.into())));
        (subject != digest).then_some(Self { subject, digest, entry: entry.into() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::image::media_type::OCI_MANIFEST;

    #[test]
    fn an_entry_has_the_artifacts_type_or_that_of_its_configuration_and_its_annotations() {
        let subject = Digest::of(b"image");
        let manifest = |more: &str| {
            let config = r#"{"mediaType":"application/vnd.example.config","digest":"x","size":2}"#;
            format!(r#"{{"subject":{{"digest":"{subject}"}},"config":{config},"annotations":{{"a":"b"}}{more}}}"#)
        };
        for (more, artifact_type) in [
            ("", "application/vnd.example.config"),
            (r#","artifactType":"""#, "application/vnd.example.config"),
            (r#","artifactType":"application/spdx+json""#, "application/spdx+json"),
        ] {
            let bytes = manifest(more);
            let referring = Referring::of(OCI_MANIFEST, bytes.as_bytes()).unwrap();
            let expected = json!({
                "mediaType": OCI_MANIFEST, "digest": Digest::of(bytes.as_bytes()), "size": bytes.len(),
                "artifactType": artifact_type, "annotations": { "a": "b" },
            });
            assert_eq!((referring.subject, referring.entry), (subject.clone(), expected));
        }
    }

    #[test]
    fn what_has_no_valid_subject_refers_to_nothing() {
        for bytes in ["{}", "", "[]", r#"{"subject":null}"#, r#"{"subject":{"digest":"sha512:ab"}}"#] {
            assert!(Referring::of(OCI_MANIFEST, bytes.as_bytes()).is_none(), "{bytes}");
        }
    }
}
