//! Why a daemon could not do what it was asked for.

use std::fmt;

use super::api::ApiVersion;
use crate::docker::endpoint::Endpoint;
use crate::docker::locate::Origin;
use crate::error::Explain;
use crate::image::near_hint;
use crate::text::{Escaped, Printable};

/// A failed connection to one endpoint.
#[derive(Debug, Printable)]
pub(crate) struct Attempt {
    /// The endpoint.
    pub(super) endpoint: Endpoint,
    /// The cause, on one line.
    pub(super) reason: Escaped,
    /// Whether the operating system denied access.
    pub(super) permission_denied: bool,
}

/// A failed request to the Docker daemon.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Network)]
pub(crate) enum EngineError {
    /// No endpoint answered.
    #[error("no Docker daemon answers{}: {}", named_by(.origin), listed(.attempts))]
    #[explain(hint = hint_to_unreachable(origin, attempts))]
    Unreachable {
        /// The setting that the endpoints come from.
        origin: Origin,
        /// One for each endpoint.
        attempts: Vec<Attempt>,
    },
    /// No endpoint answered, and this user may not open one of them. Trying again can't help.
    #[error("no Docker daemon answers{}: {}", named_by(.origin), listed(.attempts))]
    #[explain(kind = Auth, hint = attempts.iter().find(|one| one.permission_denied)
        .map(|one| one.endpoint.denial_hint()))]
    Denied {
        /// The setting that the endpoints come from.
        origin: Origin,
        /// One for each endpoint.
        attempts: Vec<Attempt>,
    },
    /// The daemon's API is older than any that crhost knows.
    #[error(
        "the Docker daemon at `{endpoint}` speaks version {found} of Docker's API, expected {} or newer",
        ApiVersion::LEAST
    )]
    #[explain(
        kind = General,
        hint = "update Docker there to 1.12 or newer, or push what it saves: \
                `docker save NAME | crhost push docker-archive:- --as NAME`"
    )]
    TooOld {
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// Its newest version.
        found: ApiVersion,
    },
    /// The daemon does not say what it is.
    #[error("the Docker daemon at `{endpoint}` doesn't say what it is: {reason}")]
    #[explain(hint = "the daemon's log tells more")]
    About {
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// The cause, bounded and escaped.
        reason: Escaped,
    },
    /// The name cannot be an image's.
    #[error("`{0}` is no name or id of an image")]
    #[explain(kind = Usage)]
    Name(Escaped),
    /// The daemon does not have the image.
    #[error("the Docker daemon at `{endpoint}` has no image `{name}`")]
    #[explain(kind = NotFound, hint = near_hint(near, "docker images"))]
    Unknown {
        /// The image.
        name: Escaped,
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// Names that may be meant.
        near: Vec<Escaped>,
    },
    /// The daemon refused a build, or the connection broke.
    #[error("the Docker daemon at `{endpoint}` can't build: {reason}")]
    #[explain(kind = General)]
    Build {
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// The cause, bounded and escaped.
        reason: Escaped,
    },
    /// The daemon refused, or the connection broke.
    #[error("the Docker daemon at `{endpoint}` failed for the image `{name}`: {reason}")]
    Failed {
        /// The image.
        name: Escaped,
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// The cause, bounded and escaped.
        reason: Escaped,
    },
}

/// The error of endpoints of which none answered.
pub(super) fn unreachable(origin: Origin, attempts: Vec<Attempt>) -> EngineError {
    if attempts.iter().any(|attempt| attempt.permission_denied) {
        EngineError::Denied { origin, attempts }
    } else {
        EngineError::Unreachable { origin, attempts }
    }
}

/// Docker's registered port for TLS.
const TLS_PORT: u16 = 2376;

fn hint_to_unreachable(origin: &Origin, attempts: &[Attempt]) -> String {
    let is_refused = |reason: &str| {
        ["client's certificate", "HTTPS server", "reset the connection"].iter().any(|part| reason.contains(part))
    };
    let wants_tls = |attempt: &Attempt| match &attempt.endpoint {
        Endpoint::Https(..) => is_refused(&attempt.reason),
        Endpoint::Http(address) => is_refused(&attempt.reason) || address.port() == TLS_PORT,
        _ => false,
    };
    let is_tls = |attempt: &Attempt| matches!(attempt.endpoint, Endpoint::Https(..));
    let by_ssh = attempts.iter().find(|attempt| matches!(attempt.endpoint, Endpoint::Ssh(..)));
    if let Some(Attempt { endpoint, .. }) = by_ssh {
        return format!(
            "`docker --host {endpoint} version` asks the same way; the other machine needs `docker` on its PATH, a key \
             or an agent that `ssh` uses without a question, and a user who may open its socket"
        );
    }
    match (attempts.iter().any(wants_tls), attempts.iter().any(is_tls), origin) {
        (true, _, Origin::Context(name)) => format!(
            "a daemon with TLS wants certificates: `docker context update {name} --docker \
             \"host=tcp://HOST:2376,ca=ca.pem,cert=cert.pem,key=key.pem\"` gives the context all three"
        ),
        (true, ..) => "a daemon with TLS wants certificates: set `DOCKER_TLS_VERIFY=1`, and `DOCKER_CERT_PATH` to a \
                       directory with `ca.pem`, `cert.pem` and `key.pem`"
            .to_owned(),
        (_, true, _) => {
            "TLS is asked for by `https://`, by a context, or by `DOCKER_TLS_VERIFY` with any value, even `0`; unset \
             that for a daemon without TLS, else put `ca.pem` into the directory of `DOCKER_CERT_PATH`"
                .to_owned()
        }
        _ => "start Docker, set `DOCKER_HOST`, or push from an OCI layout or a Docker archive, which need no daemon"
            .to_owned(),
    }
}

fn named_by(origin: &Origin) -> String {
    if *origin == Origin::Default { String::new() } else { format!(" where {origin} says") }
}

fn listed(attempts: &[Attempt]) -> String {
    attempts.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.endpoint, self.reason)
    }
}
