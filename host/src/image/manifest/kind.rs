//! What a document is: an image, an index, or anything else. All that reads documents decides it here, so that none is
//! an image to one command and an index to another (CVE-2021-41190; OCI image specification, "Image Manifest": a
//! `mediaType` and the Content-Type must match).

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::ManifestError;
use super::media_type;
use crate::json;

/// A kind of document, with its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    /// The manifest of an image, or of an artifact in this form.
    Manifest(String),
    /// An index.
    Index(String),
    /// Anything else, which is passed on byte for byte.
    Other(String),
}

/// The members that tell what a document is. `null` is an absent one.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Shape {
    #[serde(deserialize_with = "json::non_empty")]
    media_type: Option<String>,
    manifests: Option<IgnoredAny>,
    config: Option<IgnoredAny>,
    layers: Option<IgnoredAny>,
    /// The layers of Docker's schema 1.
    fs_layers: Option<IgnoredAny>,
}

impl DocumentKind {
    /// The kind of a media type.
    #[must_use]
    pub(crate) fn of_type(text: &str) -> Self {
        match text {
            media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST => Self::Manifest(text.to_owned()),
            media_type::OCI_INDEX | media_type::DOCKER_LIST => Self::Index(text.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    /// The kind of a document that is given as `declared`: a registry's Content-Type, or a descriptor's media type.
    /// One without a media type in itself (image-spec: it should have one) is what it is given as; where that says
    /// nothing, its members tell. Of one that can't be read, `declared` is all that is known.
    ///
    /// # Errors
    /// Where what it is given as, its own media type and its members contradict each other.
    pub(crate) fn of(declared: &str, bytes: &[u8]) -> Result<Self, ManifestError> {
        let Ok(shape) = json::read::<Shape>(bytes) else { return Ok(Self::of_type(declared)) };
        let kind = match (Self::of_type(declared), shape.media_type.as_deref().map(Self::of_type)) {
            (Self::Other(declared), None) if is_generic(&declared) => shape.by_members(declared),
            (given, None) => given,
            // Servers before a registry change an answer's type into one that says nothing.
            (Self::Other(_), Some(own)) => own,
            (given, Some(own)) if given.is_like(&own) => own,
            (given, Some(own)) => {
                return Err(ManifestError::Types { given: given.media_type().into(), own: own.media_type().into() });
            }
        };
        shape.ensure(&kind)?;
        Ok(kind)
    }

    /// Refuses a document with members of another kind than `self`, or with the media type of another.
    pub(super) fn ensure(&self, bytes: &[u8]) -> Result<(), ManifestError> {
        // What can't be read is told by who reads all of it.
        let Ok(shape) = json::read::<Shape>(bytes) else { return Ok(()) };
        match shape.media_type.as_deref().map(Self::of_type) {
            None | Some(Self::Other(_)) => {}
            Some(own) if self.is_like(&own) => {}
            Some(own) => return Err(ManifestError::Is { expected: self.noun(), own: own.media_type().into() }),
        }
        shape.ensure(self)
    }

    /// The media type.
    #[must_use]
    pub(crate) fn media_type(&self) -> &str {
        let (Self::Manifest(text) | Self::Index(text) | Self::Other(text)) = self;
        text
    }

    fn is_like(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Manifest(_), Self::Manifest(_)) | (Self::Index(_), Self::Index(_)))
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Manifest(_) => "image manifest",
            Self::Index(_) => "image index",
            Self::Other(_) => "document",
        }
    }
}

impl Shape {
    /// The member that only images have, if there is one.
    fn of_image(&self) -> Option<&'static str> {
        let members = [(&self.config, "config"), (&self.layers, "layers")];
        members.into_iter().find_map(|(member, name)| member.map(|_| name))
    }

    fn by_members(&self, declared: String) -> DocumentKind {
        match (self.manifests, self.config) {
            (Some(_), _) => DocumentKind::Index(media_type::OCI_INDEX.to_owned()),
            (_, Some(_)) => DocumentKind::Manifest(media_type::OCI_MANIFEST.to_owned()),
            _ => DocumentKind::Other(declared),
        }
    }

    /// Refuses members that a document of this kind can't have.
    fn ensure(&self, kind: &DocumentKind) -> Result<(), ManifestError> {
        let (list, image) = (self.manifests.map(|_| "manifests"), self.of_image());
        let foreign = match kind {
            DocumentKind::Other(_) => return Ok(()),
            DocumentKind::Manifest(_) => list,
            DocumentKind::Index(_) => image,
        };
        match foreign.or(self.fs_layers.map(|_| "fsLayers")) {
            None => Ok(()),
            Some(member) => Err(ManifestError::Member { what: kind.noun(), member }),
        }
    }
}

/// Whether a media type tells nothing about a document.
fn is_generic(media_type: &str) -> bool {
    ["", "application/json", "application/octet-stream", "binary/octet-stream", "text/plain"].contains(&media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OCI: &str = media_type::OCI_MANIFEST;
    const LIST: &str = media_type::DOCKER_LIST;

    #[test]
    fn a_document_is_what_it_says_of_itself_else_what_it_is_given_as_else_what_its_members_are() {
        let own = format!(r#"{{"mediaType":"{LIST}","manifests":[]}}"#);
        let docker = format!(r#"{{"mediaType":"{}","config":{{}}}}"#, media_type::DOCKER_MANIFEST);
        for (given, bytes, kind) in [
            ("application/json", own.as_str(), DocumentKind::Index(LIST.to_owned())),
            ("a/b", &own, DocumentKind::Index(LIST.to_owned())),
            (media_type::OCI_INDEX, &own, DocumentKind::Index(LIST.to_owned())),
            (OCI, &docker, DocumentKind::Manifest(media_type::DOCKER_MANIFEST.to_owned())),
            (OCI, "{}", DocumentKind::Manifest(OCI.to_owned())),
            (OCI, r#"{"config":{},"manifests":null}"#, DocumentKind::Manifest(OCI.to_owned())),
            ("application/json", r#"{"manifests":[]}"#, DocumentKind::Index(media_type::OCI_INDEX.to_owned())),
            ("text/plain", r#"{"config":{},"layers":[]}"#, DocumentKind::Manifest(OCI.to_owned())),
            ("application/json", "{}", DocumentKind::Other("application/json".to_owned())),
            ("application/json", r#"{"mediaType":"a/b","manifests":[]}"#, DocumentKind::Other("a/b".to_owned())),
            ("a/b", "no JSON", DocumentKind::Other("a/b".to_owned())),
            (OCI, "[1]", DocumentKind::Manifest(OCI.to_owned())),
        ] {
            assert_eq!(DocumentKind::of(given, bytes.as_bytes()).unwrap(), kind, "{given} {bytes}");
        }
    }

    #[test]
    fn a_document_that_is_two_things_is_refused_whichever_reader_takes_it() {
        let (index, manifest) = (
            format!(r#"{{"mediaType":"{}","manifests":[]}}"#, media_type::OCI_INDEX),
            format!(r#"{{"mediaType":"{OCI}","config":{{}}}}"#),
        );
        for (given, bytes, reason) in [
            (OCI, index.as_str(), "it is given as `application/vnd.oci.image.manifest.v1+json`, and its `mediaType`"),
            (media_type::OCI_INDEX, &manifest, "and its `mediaType` is `application/vnd.oci.image.manifest.v1+json`"),
            (OCI, r#"{"mediaType":"a/b","config":{}}"#, "and its `mediaType` is `a/b`"),
            (OCI, r#"{"manifests":[],"layers":[]}"#, "an image manifest with `manifests`"),
            (OCI, r#"{"manifests":[]}"#, "an image manifest with `manifests`"),
            (LIST, r#"{"config":{}}"#, "an image index with `config`"),
            ("", r#"{"manifests":[],"layers":[]}"#, "an image index with `layers`"),
            ("", r#"{"manifests":[],"config":{}}"#, "an image index with `config`"),
            (OCI, r#"{"config":{},"fsLayers":[]}"#, "an image manifest with `fsLayers`"),
        ] {
            let error = DocumentKind::of(given, bytes.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("the document is ambiguous: ") && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn neither_manifests_nor_indexes_are_read_of_the_other_or_of_both() {
        use crate::image::{Index, Manifest};
        let config =
            r#"{"mediaType":"x","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#;
        let both = format!(r#"{{"config":{config},"layers":[],"manifests":[]}}"#);
        assert!(Manifest::parse(both.as_bytes()).is_err() && Index::parse(both.as_bytes()).is_err());
        let other = format!(r#"{{"mediaType":"{LIST}","config":{config}}}"#);
        assert!(Manifest::parse(other.as_bytes()).is_err() && Index::parse(other.as_bytes()).is_err());
        let own_type = format!(r#"{{"mediaType":"a/b","config":{config}}}"#);
        assert!(Manifest::parse(own_type.as_bytes()).is_ok());
        assert!(Index::parse(br#"{"manifests":[]}"#).is_ok());
        assert!(Index::parse(format!(r#"{{"mediaType":"{OCI}","manifests":[]}}"#).as_bytes()).is_err());
    }
}
