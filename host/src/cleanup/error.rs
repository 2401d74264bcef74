//! Why something can't be listed or deleted.

use crate::access::AccessError;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::image::Repository;
use crate::session::SessionError;
use crate::text::{Escaped, Printable};

/// A list or a deletion that failed.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum CleanupError {
    /// The registry can't be found or opened.
    #[error(transparent)]
    #[explain(transparent)]
    Session(#[from] SessionError),
    /// The flavor refused or failed.
    #[error(transparent)]
    #[explain(transparent)]
    Access(#[from] AccessError),
    /// A request to the registry failed.
    #[error(transparent)]
    #[explain(transparent)]
    Distribution(#[from] distribution::Error),
    /// There is no such repository.
    #[error("registry `{host}` has no repository `{repository}`")]
    #[explain(kind = NotFound, hint = "`crhost repos {host}/` lists those that it shows")]
    NoRepository {
        /// The registry's host.
        host: Escaped,
        /// The repository.
        repository: Repository,
    },
    /// Neither the registry nor its flavor deletes.
    #[error(
        "registry `{registry}` deletes nothing from `{repository}` over its own protocol, and flavor `{flavor}` can't: {reason}"
    )]
    #[explain(
        kind = General,
        hint = "delete on the registry's own pages, or use a flavor that has the interface `cleanup`; docker-registry \
                deletes with `REGISTRY_STORAGE_DELETE_ENABLED=true`"
    )]
    NoDelete {
        /// The registry's host.
        registry: Escaped,
        /// The repository.
        repository: Repository,
        /// The flavor.
        flavor: Escaped,
        /// The registry's own words.
        reason: Escaped,
    },
    /// Neither the registry nor its flavor lists repositories.
    #[error(transparent)]
    #[explain(transparent)]
    NoCatalog(Box<NoCatalog>),
    /// A list without an end.
    #[error("the list of {what} of flavor `{flavor}` has no end")]
    #[explain(kind = Flavor, hint = "report it to the flavor's author")]
    Endless {
        /// What is listed.
        what: &'static str,
        /// The flavor.
        flavor: Escaped,
    },
}

/// A registry that does not list its repositories.
#[derive(Debug, thiserror::Error, Printable)]
#[error("registry `{host}` does not list its repositories: {reason}")]
pub(crate) struct NoCatalog {
    /// The registry's host.
    pub(super) host: Escaped,
    /// Its refusal.
    pub(super) reason: SessionError,
}

impl Explain for NoCatalog {
    fn kind(&self) -> Kind {
        self.reason.kind()
    }

    fn hint(&self) -> Option<Escaped> {
        let host = &self.host;
        Some(format!("name a repository that you know, as in `crhost tags {host}/REPOSITORY`").into())
    }
}

impl CleanupError {
    /// Whether all deletions of a repository would meet it.
    #[must_use]
    pub(crate) fn is_of_all(&self) -> bool {
        matches!(self, Self::NoDelete { .. } | Self::Session(_))
            || matches!(self.kind(), Kind::Auth | Kind::Network | Kind::Flavor)
    }

    /// Whether a manifest was not deleted for a reason that does not hold for its tags.
    pub(super) fn is_of_manifest(&self) -> bool {
        matches!(self, Self::NoDelete { .. }) || !self.is_of_all()
    }
}
