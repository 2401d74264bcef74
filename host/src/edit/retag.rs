//! New tags for an image that a repository has.

use std::str::FromStr;

use serde::Serialize;

use super::error::EditError;
use super::publish::{Moved, publish};
use crate::error::Explain;
use crate::image::{Digest, ReferenceError, Tag};
use crate::inspect::Inspector;
use crate::registry::{RemoteName, RemoteNameError};
use crate::session::Intent;
use crate::text::Escaped;

/// A new tag, as it is typed: alone, or with the name of the image's repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NewTag {
    /// Alone.
    Alone(Tag),
    /// With a repository.
    Whole(RemoteName),
}

/// A text that is no new tag.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum NewTagError {
    /// No tag.
    #[error(transparent)]
    Tag(#[from] ReferenceError),
    /// No name.
    #[error(transparent)]
    #[explain(transparent)]
    Name(#[from] RemoteNameError),
}

impl FromStr for NewTag {
    type Err = NewTagError;

    fn from_str(text: &str) -> Result<Self, NewTagError> {
        match text.contains(['/', ':', '@']) {
            true => Ok(Self::Whole(text.parse()?)),
            false => Ok(Self::Alone(text.parse()?)),
        }
    }
}

/// An image with new tags.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tagged {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the image's manifest or index.
    pub(crate) digest: Digest,
    /// The tags, and what became of each.
    pub(crate) tags: Vec<Moved>,
}

/// Gives an image further tags in its repository. No blob moves.
///
/// # Errors
/// If the image is not there, a tag is one of another repository, or the registry refuses. Tags before the one that
/// failed have moved.
pub(crate) async fn tag(inspector: &Inspector<'_>, name: &RemoteName, new: &[NewTag]) -> Result<Tagged, EditError> {
    let mut tags = Vec::new();
    for new in new {
        tags.push(match new {
            NewTag::Alone(tag) => tag.clone(),
            NewTag::Whole(whole) => in_repository(inspector, name, whole).await?,
        });
    }
    let mut remote = inspector.remote(name, Intent::Push).await?;
    let moved = publish(inspector.services, &mut remote.session, &tags, &remote.root).await?;
    let name = remote.session.target.image.name();
    Ok(Tagged { name, digest: remote.root.digest, tags: moved })
}

/// The tag of a whole name, which has to be in the image's repository.
async fn in_repository(inspector: &Inspector<'_>, name: &RemoteName, whole: &RemoteName) -> Result<Tag, EditError> {
    let (Some(tag), None) = (whole.tag(), whole.digest()) else {
        return Err(EditError::NoTag(whole.as_str().into()));
    };
    let image = inspector.services.locate(name, inspector.in_use, Intent::Push).await?.image;
    let wanted = inspector.services.locate(whole, inspector.in_use, Intent::Push).await?.image;
    if image.name() != wanted.name() {
        return Err(EditError::OtherRepository { wanted: Escaped::of(wanted), image: Escaped::of(image) });
    }
    Ok(tag.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_tag_stands_alone_or_behind_its_repository() {
        assert_eq!("v3".parse::<NewTag>().unwrap(), NewTag::Alone("v3".parse().unwrap()));
        assert!(matches!("prod/train:v3".parse(), Ok(NewTag::Whole(_))));
        for bad in ["", "-", "a b", "prod/train:-", "é"] {
            assert!(bad.parse::<NewTag>().is_err(), "{bad}");
        }
    }
}
