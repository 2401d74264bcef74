//! An image's name as a user types it, with a tag that is made to fit.

use crate::error::Explain;
use crate::image::{Reference, ReferenceError, Repository, Tag};
use crate::text::Escaped;

/// An image's name as a user typed it: `[host/]repository[:tag]`, or `:tag` where the repository is known otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypedName {
    /// The name without its tag; empty if the user gave a tag alone.
    pub(crate) name: String,
    /// The tag.
    pub(crate) tag: Option<Tag>,
    /// The tag as it was typed, if it had to be changed.
    pub(crate) changed_from: Option<Escaped>,
}

/// A text that names no image.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum NamingError {
    /// It has a digest.
    #[error("`{0}` has a digest, and what is built gets its digest from what it is")]
    #[explain(hint = "give a name and a tag, such as `train:v3`")]
    Digest(Escaped),
    /// Nothing is left of a tag.
    #[error("`{0}` has no character that a tag may have")]
    #[explain(hint = "a tag has letters, digits, `_`, `.` and `-`")]
    EmptyTag(Escaped),
    /// The repository is no name.
    #[error(transparent)]
    #[explain(hint = "give a name such as `train:v3` or `ghcr.io/acme/train:v3`")]
    Repository(#[from] ReferenceError),
}

impl TypedName {
    /// Reads a name. A tag is everything behind the first colon that is not before a port; what no tag may have is left
    /// out of it, as ZenML does.
    ///
    /// # Errors
    /// When it has a digest, is no name, or nothing is left of the tag.
    pub(crate) fn parse(text: &str) -> Result<Self, NamingError> {
        if text.contains("@sha256:") {
            return Err(NamingError::Digest(text.into()));
        }
        // A host with a port has a slash behind digits alone.
        let host = text.split_once('/').map(|(first, _)| first).filter(|first| {
            let port = first.rsplit_once(':').map(|(_, port)| port);
            Reference::names_host(&format!("{first}/x"))
                && port.is_none_or(|port| port.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let start = host.map_or(0, |host| host.len() + 1);
        let (before, below) = text.split_at_checked(start).unwrap_or(("", text));
        let (repository, tag) = match below.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (below, None),
        };
        match (host, repository) {
            (None, "") if tag.is_some() => {}
            (None, _) => _ = repository.parse::<Repository>()?,
            (Some(_), _) => _ = format!("{before}{repository}").parse::<Reference>()?,
        }
        let (tag, changed_from) = match tag {
            None => (None, None),
            Some(typed) => {
                let tag = sanitized(typed)?;
                let is_same = tag.as_str() == typed;
                (Some(tag), (!is_same).then(|| typed.into()))
            }
        };
        Ok(Self { name: format!("{before}{repository}"), tag, changed_from })
    }

    /// The name with a tag.
    #[must_use]
    pub(crate) fn with_tag(self, tag: Tag) -> Self {
        Self { tag: Some(tag), ..self }
    }
}

impl std::fmt::Display for TypedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))
    }
}

/// A tag of the characters of a text that a tag may have (`sanitize_tag` in `container_engines/base.py` of ZenML): the
/// others are left out, `.` and `-` at the beginning become `_`, and what is longer than 128 characters is cut.
///
/// # Errors
/// When nothing is left.
pub(crate) fn sanitized(text: &str) -> Result<Tag, NamingError> {
    let kept = text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let mut tag: String = kept.take(Tag::MAX).collect();
    if tag.starts_with(['.', '-']) {
        tag.replace_range(..1, "_");
    }
    tag.parse().map_err(|_| NamingError::EmptyTag(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_made_of_what_a_tag_may_have() {
        let long = "a".repeat(200);
        for (text, tag) in [
            ("v3", "v3"),
            ("Experiment: One", "ExperimentOne"),
            ("-x", "_x"),
            (".x", "_x"),
            ("feature/x+1", "featurex1"),
            ("ä1", "1"),
            (&long, &"a".repeat(128)),
        ] {
            assert_eq!(sanitized(text).unwrap().as_str(), tag);
        }
        for empty in ["", "ä", "/"] {
            assert!(sanitized(empty).unwrap_err().hint().is_some());
        }
    }

    #[test]
    fn a_name_has_a_repository_and_a_tag_and_perhaps_a_host() {
        for (text, name, tag, changed) in [
            ("train", "train", None, false),
            ("train:v3", "train", Some("v3"), false),
            ("acme/train:Experiment: One", "acme/train", Some("ExperimentOne"), true),
            ("train:feature/x", "train", Some("featurex"), true),
            ("localhost:5000/train", "localhost:5000/train", None, false),
            ("localhost:5000/train:a b", "localhost:5000/train", Some("ab"), true),
            ("ghcr.io/acme/train:v3", "ghcr.io/acme/train", Some("v3"), false),
            ("[::1]:5000/train:v3", "[::1]:5000/train", Some("v3"), false),
            (":v3", "", Some("v3"), false),
        ] {
            let found = TypedName::parse(text).unwrap();
            let tag_found = found.tag.as_ref().map(Tag::as_str);
            assert_eq!((found.name.as_str(), tag_found, found.changed_from.is_some()), (name, tag, changed), "{text}");
        }
        for bad in ["", "Train:v3", "a b", "ghcr.io/Acme/x", "train@sha256:00", ":ä", "train:"] {
            assert!(TypedName::parse(bad).is_err(), "{bad}");
        }
    }
}
