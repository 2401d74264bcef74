//! Why a cluster did not take a Secret.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use http::StatusCode;

use crate::error::{Explain, Kind};
use crate::network::PodError;
use crate::text::{Escaped, Foreign, Printable};

/// A failure to apply a Secret to a cluster. It never quotes the Secret.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ApplyError {
    /// There is no way to a cluster.
    #[error("`kubectl` is not on the `PATH`, and this is no pod with a service account")]
    NoKubectl,
    /// `kubectl` could not be started, or a pipe to it failed.
    #[error("`kubectl` can't be run: {0}")]
    Run(Foreign<io::Error>),
    /// `kubectl` was ended after this time.
    #[error("`kubectl` did not end within {} s", .0.as_secs())]
    Timeout(Duration),
    /// `kubectl` failed.
    #[error("`kubectl` ended with {status}: {words}")]
    Failed {
        /// Its exit status.
        status: ExitStatus,
        /// Its own words.
        words: Escaped,
    },
    /// A file of the pod's service account can't be used.
    #[error("`{path}` of the pod's service account can't be used: {reason}")]
    ServiceAccount {
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The cluster's API did not answer.
    #[error("the cluster's API at `{url}` can't be reached: {reason}")]
    Unreachable {
        /// Its URL.
        url: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The cluster's API refused.
    #[error("the cluster's API refused: {message} ({status})")]
    Refused {
        /// The status.
        status: StatusCode,
        /// Its own words.
        message: Escaped,
    },
}

impl From<PodError> for ApplyError {
    fn from(PodError { path, reason }: PodError) -> Self {
        Self::ServiceAccount { path, reason }
    }
}

impl Explain for ApplyError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoKubectl => Kind::NotFound,
            Self::Unreachable { .. } | Self::Timeout(_) => Kind::Network,
            Self::Refused { status, .. } => match status.as_u16() {
                401 | 403 => Kind::Auth,
                404 => Kind::NotFound,
                409 => Kind::Conflict,
                400 | 422 => Kind::Usage,
                _ => Kind::Network,
            },
            Self::Run(_) | Self::Failed { .. } | Self::ServiceAccount { .. } => Kind::General,
        }
    }

    fn hint(&self) -> Option<Escaped> {
        let hint = match self {
            Self::NoKubectl => "install it, or leave `--apply` out and hand the manifest on",
            Self::Run(_) | Self::Failed { .. } | Self::Timeout(_) => {
                "`kubectl auth can-i patch secrets` says whether the cluster is reached, and lets you"
            }
            Self::ServiceAccount { .. } => "the pod needs a service account whose token is mounted",
            Self::Unreachable { .. } => "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT say where it is",
            Self::Refused { status, .. } => match status.as_u16() {
                401 | 403 => "a Role has to allow its service account `create` and `patch` of secrets",
                404 => "the namespace has to exist",
                _ => "`kubectl describe secret` shows what is there",
            },
        };
        Some(hint.into())
    }
}
