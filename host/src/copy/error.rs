//! Reasons why a copy fails.

use std::time::Duration;

use crate::error::{Explain, Kind};
use crate::image::Tag;
use crate::policy::PolicyError;
use crate::push::PushError;
use crate::remote::RemoteError;
use crate::session::SessionError;
use crate::stopped::Stopped;
use crate::supply_chain::SupplyChainError;
use crate::text::{Escaped, Printable};

/// A copy that failed. No tag of the target names an incomplete image.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum CopyError {
    /// One of the registries is not found or not open.
    #[error(transparent)]
    #[explain(transparent)]
    Session(Box<SessionError>),
    /// The source can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Remote(Box<RemoteError>),
    /// The image has not the signature that is wanted.
    #[error(transparent)]
    #[explain(transparent)]
    NotSigned(#[from] Box<SupplyChainError>),
    /// The target was not written.
    #[error(transparent)]
    #[explain(transparent)]
    Push(Box<PushError>),
    /// A policy refuses it.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(Box<PolicyError>),
    /// The source has no such tag.
    #[error("`{repository}` has no tag `{tag}`")]
    #[explain(kind = NotFound, hint = hint_to_tags(repository))]
    NoTag {
        /// The repository.
        repository: Escaped,
        /// The tag.
        tag: Escaped,
    },
    /// The source has no tags at all.
    #[error("`{0}` has no tags")]
    #[explain(kind = NotFound, hint = "nothing was copied; check the name of the repository")]
    NoTags(Escaped),
    /// The source's registry knows no such repository.
    #[error(transparent)]
    #[explain(transparent)]
    NoRepository(Box<RemoteError>),
    /// No tag of the source is meant.
    #[error("none of the {tags} tags of `{repository}` matches")]
    #[explain(kind = NotFound, hint = hint_to_tags(repository))]
    NoMatch {
        /// The repository.
        repository: Escaped,
        /// How many tags it has.
        tags: usize,
    },
    /// A tag was given where several are copied.
    #[error("`{0}` is one tag, and all tags were asked for")]
    #[explain(kind = Usage, hint = "leave the tag out, or leave out `--all-tags`")]
    TagOfAll(Tag),
    /// A digest was given where several tags are copied.
    #[error("`{0}` names one image by its digest, and all tags were asked for")]
    #[explain(kind = Usage, hint = "leave the digest out, or leave out `--all-tags`")]
    DigestOfAll(Escaped),
    /// No image of an index is for any of the platforms.
    #[error("`{image}` has no image for {wanted}")]
    #[explain(kind = NotFound, hint = "it has {known}")]
    Platforms {
        /// The image.
        image: Escaped,
        /// The platforms that were asked for.
        wanted: Escaped,
        /// Those that it has.
        known: Escaped,
    },
    /// More belongs to an image than any honest one has.
    #[error("more than {most} things belong to `{image}`")]
    #[explain(kind = Verification, hint = "copy it without `--referrers`")]
    Attached {
        /// The image.
        image: Escaped,
        /// The most that are copied.
        most: usize,
    },
    /// Some of several images were not copied.
    #[error(transparent)]
    #[explain(transparent)]
    Partly(Box<Partly>),
    /// It took longer than allowed.
    #[error("the copy has not ended within {} seconds", .0.as_secs())]
    #[explain(kind = Network, hint = "the same command goes on with what is missing; a longer `--timeout` gives more time")]
    TooLate(Duration),
    /// Interrupted by the user.
    #[error("interrupted")]
    #[explain(kind = Interrupted)]
    Interrupted,
}

/// Some of several images were not copied.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{failed} of {all} images were not copied: {first}")]
pub(crate) struct Partly {
    /// How many failed.
    pub(super) failed: usize,
    /// How many were to be copied.
    pub(super) all: usize,
    /// The first failure.
    pub(super) first: Escaped,
    /// Its kind, if all are of that one.
    pub(super) kind: Kind,
}

impl Explain for Partly {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<Escaped> {
        Some("the same command goes on with what is missing".into())
    }
}

impl From<SessionError> for CopyError {
    fn from(error: SessionError) -> Self {
        Self::Session(Box::new(error))
    }
}

impl From<PolicyError> for CopyError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(Box::new(error))
    }
}

impl From<RemoteError> for CopyError {
    fn from(error: RemoteError) -> Self {
        Self::Remote(Box::new(error))
    }
}

impl From<PushError> for CopyError {
    fn from(error: PushError) -> Self {
        Self::Push(Box::new(error))
    }
}

impl CopyError {
    /// Whether the whole source has no tags: the registry lists none, or knows no such repository.
    pub(crate) fn is_without_tags(&self) -> bool {
        matches!(self, Self::NoTags(_) | Self::NoRepository(_))
    }

    /// Whether the source lacks an image, or a part of it, that it had a moment ago.
    pub(super) fn is_gone(&self) -> bool {
        let Self::Remote(error) = self else { return false };
        matches!(**error, RemoteError::NoImage(_) | RemoteError::Missing { .. })
    }
}

fn hint_to_tags(repository: &Escaped) -> String {
    format!("`crhost tags {repository}` lists what is there")
}

impl From<Stopped> for CopyError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Interrupted => Self::Interrupted,
            Stopped::TooLate(timeout) => Self::TooLate(timeout),
        }
    }
}
