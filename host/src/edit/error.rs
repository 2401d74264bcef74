//! Reasons why something in a registry is not changed.

use crate::cleanup::CleanupError;
use crate::copy::CopyError;
use crate::distribution;
use crate::error::Explain;
use crate::image::{Digest, Platform};
use crate::inspect::{InspectError, Kind};
use crate::json::Malformed;
use crate::policy::PolicyError;
use crate::session::SessionError;
use crate::text::Escaped;

/// A change that was not made, or not as a whole.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum EditError {
    /// What is changed can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Inspect(#[from] Box<InspectError>),
    /// The registry or its flavor did not delete.
    #[error(transparent)]
    #[explain(transparent)]
    Cleanup(#[from] Box<CleanupError>),
    /// An image was not copied into the repository of an index.
    #[error(transparent)]
    #[explain(transparent)]
    Copy(#[from] Box<CopyError>),
    /// A name without a tag, or with a digest, in the place of a tag.
    #[error("`{0}` is no tag, expected one alone, or a name with a tag and without a digest")]
    #[explain(kind = Usage, hint = "give the tag alone, such as `v3`")]
    NoTag(Escaped),
    /// A policy is against it, or can't be asked.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(#[from] PolicyError),
    /// A new tag in another repository.
    #[error("`{wanted}` is in another repository than `{image}`")]
    #[explain(kind = Usage, hint = "a tag stays in its repository; `crhost copy {image} {wanted}` copies the image")]
    OtherRepository {
        /// The name that was given.
        wanted: Escaped,
        /// The image.
        image: Escaped,
    },
    /// An image that is named by its digest and gets no tag.
    #[error("`{0}` names the image by its digest, which another manifest can't have")]
    #[explain(kind = Usage, hint = "`--new-tag TAG` says which tag the new manifest gets")]
    NeedsNewTag(Escaped),
    /// A text that is no annotation.
    #[error("`{0}` is no annotation: expected `KEY=VALUE`, or `KEY-` to remove one")]
    #[explain(kind = Usage, hint = "for example `org.opencontainers.image.version=1.2`")]
    Annotation(Escaped),
    /// The registry answers another manifest than the one that it took.
    #[error("the registry answers {found} for `{image}`, expected {expected}")]
    #[explain(kind = Verification, hint = "someone else may have moved the tag at the same time; try again")]
    OtherDigest {
        /// The image's name and tag.
        image: Escaped,
        /// The digest that was sent.
        expected: Box<Digest>,
        /// The digest that is there.
        found: Box<Digest>,
    },
    /// A document that can't be changed.
    #[error("the manifest of `{image}` can't be changed: {reason}")]
    #[explain(hint = "`crhost manifest` prints it")]
    Malformed {
        /// The image.
        image: Escaped,
        /// What is wrong.
        reason: Box<Malformed>,
    },
    /// Something that has no annotations.
    #[error("`{image}` is {}, which has no annotations", kind.noun())]
    #[explain(hint = "copy it to a registry in its current form first")]
    NoAnnotations {
        /// The image.
        image: Escaped,
        /// What it is.
        kind: Kind,
    },
    /// A manifest that grew too large.
    #[error("the manifest of `{image}` would have {size} bytes; registries take {limit}")]
    #[explain(hint = "shorten its annotations, or name fewer images")]
    TooLarge {
        /// The image.
        image: Escaped,
        /// Its size.
        size: usize,
        /// The most that registries have to take.
        limit: usize,
    },
    /// A tag that names another image since the plan was made.
    #[error("`{image}` names {found} now, and not {expected} any more; nothing was deleted")]
    #[explain(kind = Conflict, hint = "look at it again, and delete it once more if it is still meant")]
    TagMoved {
        /// The image.
        image: Escaped,
        /// The digest of the plan.
        expected: Box<Digest>,
        /// The digest that it names now, or nothing.
        found: Escaped,
    },
    /// A manifest that an index names.
    #[error("`{image}` is part of {indexes}, and nothing was deleted")]
    #[explain(
        kind = Conflict,
        hint = "`--untag` takes a tag alone away, `crhost index remove` takes the image out of an index"
    )]
    InUse {
        /// The manifest.
        image: Escaped,
        /// The tags of the indexes.
        indexes: Escaped,
    },
    /// A tag alone can't be deleted of a name without a tag.
    #[error("`{0}` has no tag to delete alone")]
    #[explain(kind = Usage, hint = "give a name with a tag, or leave `--untag` out to delete the manifest")]
    NothingToUntag(Escaped),
    /// Neither the registry nor its flavor deletes manifests.
    #[error("registry `{host}` does not delete {what}: {reason}")]
    #[explain(hint = hint.to_string())]
    Unsupported {
        /// The registry's host.
        host: Escaped,
        /// A manifest, or a tag alone.
        what: &'static str,
        /// Its refusal.
        reason: Escaped,
        /// The next step.
        hint: Escaped,
    },
    /// Two images of an index for one platform.
    #[error("`{one}` and `{other}` are both for `{platform}`")]
    #[explain(kind = Usage, hint = "an index has one image for each platform: leave one of them out")]
    Duplicate {
        /// The first.
        one: Escaped,
        /// The second.
        other: Escaped,
        /// The platform of both.
        platform: Box<Platform>,
    },
    /// An index without an image that is to be taken out.
    #[error("`{index}` has no `{wanted}`")]
    #[explain(kind = NotFound, hint = "`crhost inspect {index}` lists what it has")]
    NoMember {
        /// The index.
        index: Escaped,
        /// The platform or digest.
        wanted: Escaped,
    },
    /// An index that would be empty.
    #[error("nothing would be left of `{0}`")]
    #[explain(kind = Usage, hint = "`crhost delete` deletes the index itself")]
    NothingLeft(Escaped),
    /// A manifest that an index names is not in its repository.
    #[error("`{image}` names the manifest `{digest}`, which is not in its repository")]
    #[explain(kind = NotFound, hint = "it was deleted, or never pushed: push the image again")]
    Missing {
        /// The index.
        image: Escaped,
        /// The manifest.
        digest: Box<Digest>,
    },
    /// Something that is no index.
    #[error("`{image}` is {}, and no index", kind.noun())]
    #[explain(kind = Usage, hint = "`crhost index create NAME {image}` makes one")]
    NoIndex {
        /// Its name.
        image: Escaped,
        /// What it is.
        kind: Kind,
    },
}

impl From<CopyError> for EditError {
    fn from(error: CopyError) -> Self {
        Self::Copy(Box::new(error))
    }
}

impl From<InspectError> for EditError {
    fn from(error: InspectError) -> Self {
        Self::Inspect(Box::new(error))
    }
}

impl From<CleanupError> for EditError {
    fn from(error: CleanupError) -> Self {
        Self::Cleanup(Box::new(error))
    }
}

impl From<SessionError> for EditError {
    fn from(error: SessionError) -> Self {
        InspectError::from(error).into()
    }
}

impl From<distribution::Error> for EditError {
    fn from(error: distribution::Error) -> Self {
        SessionError::from(error).into()
    }
}
