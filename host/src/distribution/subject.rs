//! What a client's requests are about, and what they need to be allowed.

use std::fmt;

use crate::image::Repository;

/// What is done in a repository, as tokens allow it (the distribution project's "Token Scope Documentation"). A
/// registry that wants more for a request names it in its challenge, and gets asked for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actions {
    /// Reads.
    Pull,
    /// Reads and writes.
    Push,
    /// Reads and deletes.
    Delete,
}

impl Actions {
    /// The actions of a scope.
    fn scope(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "pull,push",
            Self::Delete => "pull,delete",
        }
    }

    /// What is not allowed where they are not, before the name of a repository.
    fn verb(self) -> &'static str {
        match self {
            Self::Pull => "pull from",
            Self::Push => "push to",
            Self::Delete => "delete from",
        }
    }
}

/// The part of a registry that requests are about.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// One repository.
    Repository(Repository, Actions),
    /// The list of all repositories.
    Catalog,
}

impl Subject {
    /// What a token must allow.
    pub(super) fn scopes(&self) -> Vec<String> {
        vec![match self {
            Self::Repository(repository, actions) => format!("repository:{repository}:{}", actions.scope()),
            Self::Catalog => "registry:catalog:*".to_owned(),
        }]
    }

    /// What is not allowed where they are not, such as ``push to `acme/train` ``.
    pub(super) fn action(&self) -> String {
        match self {
            Self::Repository(repository, actions) => format!("{} `{repository}`", actions.verb()),
            Self::Catalog => "list its repositories".to_owned(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(repository, _) => write!(f, "`{repository}`"),
            Self::Catalog => f.write_str("the list of repositories"),
        }
    }
}
