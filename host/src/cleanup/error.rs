//! Why something can't be listed or deleted.

use crate::access::AccessError;
use crate::distribution;
use crate::error::Explain;
use crate::image::Repository;
use crate::session::SessionError;
use crate::text::Escaped;

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
    #[error("registry `{registry}` has no list of its repositories, and flavor `{flavor}` has none")]
    #[explain(kind = NotFound, hint = "name the repository: `{registry}/REPOSITORY`")]
    NoCatalog {
        /// The registry's URI.
        registry: Escaped,
        /// The flavor.
        flavor: Escaped,
    },
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
