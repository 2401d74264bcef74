//! Reasons why a sync fails, or a part of it.

use crate::cleanup::CleanupError;
use crate::copy::CopyError;
use crate::error::{Explain, Kind};
use crate::policy::PolicyError;
use crate::registry::RemoteNameError;
use crate::session::SessionError;
use crate::text::{Escaped, Printable, counted};

use super::file::FileError;

/// A sync that failed, or what failed of it.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum SyncError {
    /// The file can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    File(#[from] FileError),
    /// A repository has no valid name.
    #[error(transparent)]
    #[explain(transparent)]
    Name(#[from] RemoteNameError),
    /// A registry is not found or not open.
    #[error(transparent)]
    #[explain(transparent)]
    Session(Box<SessionError>),
    /// A repository was not copied.
    #[error(transparent)]
    #[explain(transparent)]
    Copy(#[from] CopyError),
    /// A registry does not list its repositories.
    #[error("`{place}` does not list its repositories: {reason}")]
    #[explain(kind = NotFound, hint = "name the repositories in the file, without patterns")]
    NoCatalog {
        /// The source.
        place: Escaped,
        /// Why.
        reason: Escaped,
    },
    /// No repository is meant.
    #[error("`{pattern}` matches none of the {} that `{place}` lists", counted(*.listed, "repository", "repositories"))]
    #[explain(kind = NotFound, hint = "nothing was copied or deleted for it; the pattern is below the source: `**` is everything")]
    NoMatch {
        /// The source.
        place: Escaped,
        /// The pattern.
        pattern: Escaped,
        /// How many it lists.
        listed: usize,
    },
    /// Two entries write the same repository, and one of them deletes.
    #[error("`{0}` is the target of two entries, and `exact` would have them delete each other's tags")]
    #[explain(kind = Conflict, hint = "name the tags of a repository in one entry (`path` and `tags`), give one of them another target with `as`, \
                or leave `exact` out")]
    Twice(Escaped),
    /// More tags would be deleted than the file allows.
    #[error(
        "{surplus} tags of `{repository}` are not at its source any more, and `maxDeletes` is {most}; none was deleted"
    )]
    #[explain(kind = Conflict, hint = "see what they are with `--dry-run`; if they are to go, raise `maxDeletes`")]
    TooMany {
        /// The target's repository.
        repository: Escaped,
        /// How many would be deleted.
        surplus: usize,
        /// How many may be.
        most: usize,
    },
    /// A tag can't be deleted without another one.
    #[error(
        "tag `{tag}` of `{repository}` can't be deleted: the registry deletes whole images alone, and another tag needs \
         this one"
    )]
    #[explain(kind = Conflict, hint = "`crhost prune` shows what holds it")]
    Held {
        /// The target's repository.
        repository: Escaped,
        /// The tag.
        tag: Escaped,
    },
    /// A policy refuses the deletions.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(Box<PolicyError>),
    /// A tag was not deleted.
    #[error(transparent)]
    #[explain(transparent)]
    Cleanup(Box<CleanupError>),
    /// Some repositories are not as the file says.
    #[error(transparent)]
    #[explain(transparent)]
    Partly(Box<Partly>),
}

/// Some repositories failed.
#[derive(Debug, thiserror::Error, Printable)]
#[error("{failed} of {} {} not as the file says: {first}", counted(*.all, "repository", "repositories"), are(*.failed))]
pub(crate) struct Partly {
    /// How many failed.
    pub(super) failed: usize,
    /// How many there are.
    pub(super) all: usize,
    /// The first failure.
    pub(super) first: Escaped,
    /// Its kind, if all are of that one.
    pub(super) kind: Kind,
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

impl From<PolicyError> for SyncError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(Box::new(error))
    }
}

impl From<CleanupError> for SyncError {
    fn from(error: CleanupError) -> Self {
        Self::Cleanup(Box::new(error))
    }
}

impl From<SessionError> for SyncError {
    fn from(error: SessionError) -> Self {
        Self::Session(Box::new(error))
    }
}

impl Explain for Partly {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<Escaped> {
        Some("the same command goes on with what is missing; `--output json` has each failure".into())
    }
}
