//! Annotations of a manifest or an index that a repository has: a new one with them, beside the old one.

use std::str::FromStr;

use serde::Serialize;

use super::error::EditError;
use super::publish::{MAX_MANIFEST, Moved, manifest, publish};
use crate::distribution::FoundManifest;
use crate::image::{Digest, Tag, media_type};
use crate::inspect::{Inspector, Kind, kind_of};
use crate::json::Document;
use crate::registry::RemoteName;
use crate::session::Intent;
use crate::text::Escaped;

/// A change of one annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// Its key.
    pub(crate) key: String,
    /// Its new value; none to remove it.
    pub(crate) value: Option<String>,
}

impl FromStr for Annotation {
    type Err = EditError;

    fn from_str(text: &str) -> Result<Self, EditError> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (text.strip_suffix('-').unwrap_or_default(), None),
        };
        let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_graphic());
        match is_key {
            true => Ok(Self { key: key.to_owned(), value }),
            false => Err(EditError::Annotation(Escaped::new(text, 200))),
        }
    }
}

/// A manifest or index with other annotations.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Annotated {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the new manifest or index.
    pub(crate) digest: Digest,
    /// The digest of the old one, which stays as it is.
    pub(crate) from: Digest,
    /// The tag that names the new one.
    pub(crate) tags: Vec<Moved>,
}

/// Changes annotations of the manifest or index that a name names, and has a tag name the new one: the name's own, or
/// `new_tag`. The old one stays under its digest; every byte outside of the annotations stays as it is.
///
/// # Errors
/// If it is not there, is named by a digest and gets no new tag, or the registry refuses.
pub(crate) async fn annotate(
    inspector: &Inspector<'_>,
    name: &RemoteName,
    changes: &[Annotation],
    new_tag: Option<&Tag>,
) -> Result<Annotated, EditError> {
    if name.digest().is_some() && new_tag.is_none() {
        return Err(EditError::NeedsNewTag(name.as_str().into()));
    }
    let mut remote = inspector.remote(name, Intent::Push).await?;
    let image = Escaped::of(&remote.session.target.image);
    let changed = changed(&remote.root, changes, &image)?;
    let own = remote.session.target.image.tag().cloned().unwrap_or_else(Tag::latest);
    let tag = new_tag.cloned().unwrap_or(own);
    let tags = publish(inspector.services, &mut remote.session, &[tag], &changed).await?;
    Ok(Annotated { name: remote.session.target.image.name(), digest: changed.digest, from: remote.root.digest, tags })
}

/// The same document with other annotations.
fn changed(found: &FoundManifest, changes: &[Annotation], image: &Escaped) -> Result<FoundManifest, EditError> {
    let kind = kind_of(found, image).map_err(Box::new)?;
    if kind == Kind::Schema1 {
        return Err(EditError::NoAnnotations { image: image.clone(), kind });
    }
    if matches!(found.media_type.as_str(), media_type::DOCKER_MANIFEST | media_type::DOCKER_LIST) {
        tracing::warn!("`{image}` is in Docker's own form, whose annotations few programs read");
    }
    let malformed = |reason| EditError::Malformed { image: image.clone(), reason: Box::new(reason) };
    let mut document = Document::parse(String::from_utf8_lossy(&found.bytes).into_owned()).map_err(malformed)?;
    for Annotation { key, value } in changes {
        match value {
            // A string, which JSON can always represent.
            Some(value) => document.set("annotations", key, &serde_json::to_string(value).unwrap_or_default()),
            None => document.remove("annotations", key, true),
        }
    }
    let bytes = document.as_str().as_bytes().to_vec();
    if bytes.len() > MAX_MANIFEST {
        return Err(EditError::TooLarge { image: image.clone(), size: bytes.len(), limit: MAX_MANIFEST });
    }
    Ok(manifest(&found.media_type, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(document: &str, changes: &[&str]) -> String {
        let found = manifest(media_type::OCI_INDEX, document.as_bytes().to_vec());
        let changes: Vec<Annotation> = changes.iter().map(|change| change.parse().unwrap()).collect();
        String::from_utf8(changed(&found, &changes, &"x".into()).unwrap().bytes.to_vec()).unwrap()
    }

    #[test]
    fn annotations_change_and_every_other_byte_stays() {
        let document = r#"{"schemaVersion":2, "manifests":[ ],"annotations":{"a":"1","b":"2"}}"#;
        assert_eq!(
            annotated(document, &["a=x=\"y\"", "b-", "c=3"]),
            r#"{"schemaVersion":2, "manifests":[ ],"annotations":{"a":"x=\"y\"","c":"3"}}"#
        );
        assert_eq!(annotated(r#"{"manifests":[]}"#, &["a=1"]), r#"{"manifests":[],"annotations":{"a":"1"}}"#);
        assert_eq!(annotated(r#"{"manifests":[],"annotations":{"a":"1"}}"#, &["a-"]), r#"{"manifests":[]}"#);
        assert_eq!(annotated(document, &["missing-"]), document);
    }

    #[test]
    fn an_annotation_is_a_key_with_a_value_or_its_removal() {
        for bad in ["", "=", "=x", "-", "key", "a b=c", "a\u{1b}=c"] {
            assert!(bad.parse::<Annotation>().is_err(), "{bad}");
        }
        assert_eq!("a-".parse::<Annotation>().unwrap(), Annotation { key: "a".to_owned(), value: None });
        assert_eq!("a=".parse::<Annotation>().unwrap().value.as_deref(), Some(""));
    }
}
