//! Why nothing, or not everything, is deleted.

use super::rules::RulesError;
use crate::cleanup::CleanupError;
use crate::distribution;
use crate::error::Explain;
use crate::image::{ReferenceError, Repository};
use crate::policy::PolicyError;
use crate::registry::{DestinationError, RemoteNameError};
use crate::session::SessionError;
use crate::text::Escaped;

/// A clean-up that failed.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum PruneError {
    /// The plan can't be followed.
    #[error(transparent)]
    #[explain(transparent)]
    Plan(#[from] PlanError),
    /// The rules can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Rules(#[from] RulesError),
    /// What was typed names neither a registry nor a repository.
    #[error(transparent)]
    #[explain(transparent)]
    Name(#[from] RemoteNameError),
    /// What was typed is no URI.
    #[error(transparent)]
    #[explain(transparent)]
    Destination(#[from] DestinationError),
    /// A single image was named.
    #[error("`{0}` names one image, expected a registry or a repository")]
    #[explain(kind = Usage, hint = "leave the tag or digest out; `crhost delete` deletes one image")]
    OneImage(Escaped),
    /// A plan names what is no repository.
    #[error("the plan names what is no repository: {0}")]
    #[explain(kind = Usage, hint = "make a new plan")]
    Repository(#[from] ReferenceError),
    /// The registry can't be found or opened.
    #[error(transparent)]
    #[explain(transparent)]
    Session(Box<SessionError>),
    /// Something can't be listed or deleted.
    #[error(transparent)]
    #[explain(transparent)]
    Cleanup(Box<CleanupError>),
    /// A policy refuses it.
    #[error(transparent)]
    #[explain(transparent)]
    Policy(#[from] PolicyError),
    /// A request to the registry failed.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(#[from] distribution::Error),
    /// The repository has more than can be kept in memory.
    #[error("the repository has more than {0} manifests, or they name more than twice as many")]
    #[explain(kind = General, hint = "the registry's own rules of retention are made for so many")]
    TooLarge(usize),
    /// Some of what was to go is still there.
    #[error("{failed} of {all} manifests of `{repository}` were not deleted, the first because: {reason}")]
    #[explain(kind = General, hint = "the same plan can be applied again; what is gone already is no error")]
    Incomplete {
        /// The repository.
        repository: Repository,
        /// How many are still there.
        failed: usize,
        /// How many were to go.
        all: usize,
        /// Why the first one is.
        reason: Box<CleanupError>,
    },
}

impl PruneError {
    /// Whether the registry says that there is no such repository.
    pub(super) fn is_no_repository(&self) -> bool {
        matches!(self, Self::Cleanup(error) if matches!(**error, CleanupError::NoRepository { .. }))
    }
}

impl From<SessionError> for PruneError {
    fn from(error: SessionError) -> Self {
        Self::Session(error.into())
    }
}

impl From<CleanupError> for PruneError {
    fn from(error: CleanupError) -> Self {
        Self::Cleanup(error.into())
    }
}

/// A plan that can't be followed.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Conflict, hint = "make a new plan: `crhost prune REGISTRY[/REPOSITORY] … --plan FILE`")]
pub(crate) enum PlanError {
    /// No plan.
    #[error("this is no plan of `crhost prune`: {0}")]
    #[explain(kind = Usage)]
    Malformed(Escaped),
    /// A plan of another version of crhost.
    #[error("this is a plan of version {found}, expected {expected}")]
    #[explain(kind = Usage)]
    Version {
        /// Its version.
        found: u32,
        /// The version of this crhost.
        expected: u32,
    },
    /// Its rules can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Rules(#[from] RulesError),
    /// It is for another registry.
    #[error("the plan is for registry `{planned}`, not for {given}")]
    #[explain(kind = Usage, hint = "name the registry of the plan, or none")]
    OtherRegistry {
        /// The plan's.
        planned: Escaped,
        /// The registry that the user named, or that the plan's name stands for now.
        given: Escaped,
    },
    /// The repository is not as it was.
    #[error("`{repository}` is not as the plan says: {problem}")]
    Moved {
        /// The repository.
        repository: Escaped,
        /// The first difference.
        problem: Escaped,
    },
    /// The plan would delete what stays.
    #[error("the plan for `{repository}` deletes what stays: {problem}")]
    Kept {
        /// The repository.
        repository: Escaped,
        /// What it would delete, and why that stays.
        problem: Escaped,
    },
}

/// Characters of a problem: two digests and a tag, with words between them.
const MAX_PROBLEM: usize = 500;

impl PlanError {
    /// The repository is not as it was.
    pub(super) fn moved(repository: &str, problem: &str) -> Self {
        Self::Moved { repository: Escaped::new(repository, 255), problem: Escaped::new(problem, MAX_PROBLEM) }
    }

    /// The plan would delete what stays.
    pub(super) fn kept(repository: &str, problem: &str) -> Self {
        Self::Kept { repository: Escaped::new(repository, 255), problem: Escaped::new(problem, MAX_PROBLEM) }
    }
}
