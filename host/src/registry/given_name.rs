//! The name that a user gives an image in its registry (`--as`).

use std::str::FromStr;

use super::typed_uri::looks_like_host;
use crate::image::{Reference, ReferenceError, Repository, Tag};
use crate::text::Escaped;

/// Where an image goes in a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GivenName {
    /// `REPOSITORY[:TAG]`, below the registry's URI.
    Below(Repository, Option<Tag>),
    /// A whole name with its host, without a digest. Only a registry that owns it is meant.
    Whole(Reference),
    /// The name that an image has already: a registry that owns it keeps it, and others get its repository below their
    /// URI.
    Own(Reference),
}

impl GivenName {
    /// The same name with this tag.
    #[must_use]
    pub(crate) fn with_tag(self, tag: Option<Tag>) -> Self {
        match self {
            Self::Below(repository, _) => Self::Below(repository, tag),
            Self::Whole(image) => Self::Whole(tagged(&image, tag)),
            Self::Own(image) => Self::Own(tagged(&image, tag)),
        }
    }

    /// The tag, if one was given.
    #[must_use]
    pub(crate) fn tag(&self) -> Option<&Tag> {
        match self {
            Self::Below(_, tag) => tag.as_ref(),
            Self::Whole(image) | Self::Own(image) => image.tag(),
        }
    }
}

fn tagged(image: &Reference, tag: Option<Tag>) -> Reference {
    Reference::new(image.host().clone(), image.repository().clone(), tag, None)
}

impl FromStr for GivenName {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.split_once('/').is_some_and(|(first, _)| looks_like_host(first)) {
            let image: Reference = text.parse()?;
            return match image.digest() {
                None => Ok(Self::Whole(image)),
                // A name for the result can't say what the result is.
                Some(_) => Err(ReferenceError::Repository(Escaped::from(text))),
            };
        }
        match text.rsplit_once(':') {
            Some((repository, tag)) => Ok(Self::Below(repository.parse()?, Some(tag.parse()?))),
            None => Ok(Self::Below(text.parse()?, None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_host_is_a_whole_one() {
        for text in ["train", "train:v3", "ml/train:v3", "a.b", "localhost:5000", "v1.2:latest"] {
            assert!(matches!(text.parse::<GivenName>().unwrap(), GivenName::Below(..)), "{text}");
        }
        for text in ["localhost/train", "localhost:5000/acme/train:v3", "ghcr.io/acme/train", "[::1]:5000/train"] {
            assert!(matches!(text.parse::<GivenName>().unwrap(), GivenName::Whole(_)), "{text}");
        }
        let digest = crate::image::Digest::of(b"x");
        for bad in [
            "",
            "Train:v3",
            "Team/train",
            "ghcr.io/Acme/train",
            &format!("train@{digest}"),
            &format!("ghcr.io/acme/train@{digest}"),
        ] {
            assert!(bad.parse::<GivenName>().is_err(), "{bad}");
        }
        assert_eq!("ghcr.io/acme/train:v3".parse::<GivenName>().unwrap().tag().unwrap().as_str(), "v3");
    }
}
