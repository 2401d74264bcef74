//! A client of the Docker daemon: an image by its name, the image's bytes, and the daemon's root directory.
//!
//! The API is described at <https://docs.docker.com/reference/api/engine/>. Requests carry no version, so that the
//! daemon answers in its newest one; ping, info, inspect and export have kept their form since API 1.24.

mod about;
mod inspection;
mod names;
mod near;
mod questions;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::StatusCode;
use serde::Deserialize;

use super::client::{self, Failure};
use super::endpoint::Endpoint;
use super::locate::{Candidates, Origin};
use super::shown::shown;
use crate::error::Explain;
use crate::json;
use crate::text::{Escaped, Printable};
pub(crate) use about::{About, ApiVersion};
use inspection::Inspection;
pub(crate) use inspection::LocalImage;

/// For a ping, which a daemon answers at once; Docker's command line waits as long (`defaultInitTimeout`).
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// For a ping through `ssh`, which has 30 seconds to connect.
const SSH_PING_TIMEOUT: Duration = Duration::from_secs(40);
/// For one image's description: a busy daemon may wait for its own locks, but not for minutes.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// A Docker daemon that answers.
#[derive(Clone)]
pub(crate) struct Engine {
    endpoint: Endpoint,
}

/// What a daemon tells about itself, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Information {
    #[serde(deserialize_with = "json::non_empty")]
    docker_root_dir: Option<String>,
}

/// A failed connection to one endpoint.
#[derive(Debug, Printable)]
pub(crate) struct Attempt {
    /// The endpoint.
    endpoint: Endpoint,
    /// The cause, on one line.
    reason: Escaped,
    /// Whether the operating system denied access.
    permission_denied: bool,
}

/// A failed request to the Docker daemon.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Network)]
pub(crate) enum EngineError {
    /// No endpoint answered.
    #[error("no Docker daemon answers{}: {}", named_by(.origin), listed(.attempts))]
    #[explain(hint = hint_to_unreachable(attempts))]
    Unreachable {
        /// The setting that the endpoints come from.
        origin: Origin,
        /// One for each endpoint.
        attempts: Vec<Attempt>,
    },
    /// No endpoint answered, and this user may not open one of them. Trying again can't help.
    #[error("no Docker daemon answers{}: {}", named_by(.origin), listed(.attempts))]
    #[explain(kind = Auth, hint = attempts.iter().find(|one| one.permission_denied)
        .map(|one| one.endpoint.denial_hint().to_owned()))]
    Denied {
        /// The setting that the endpoints come from.
        origin: Origin,
        /// One for each endpoint.
        attempts: Vec<Attempt>,
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
    /// The daemon speaks no version of the API that is read here.
    #[error(
        "the Docker daemon at `{endpoint}` is too old: version {version} with API {api}, expected API {oldest} or newer"
    )]
    #[explain(kind = General, hint = "update Docker, or push from a file of `docker save`, which needs no daemon")]
    TooOld {
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// Its version.
        version: Escaped,
        /// The version of its API.
        api: ApiVersion,
        /// The oldest that is read.
        oldest: ApiVersion,
    },
    /// The name cannot be an image's.
    #[error("`{0}` is no name or id of an image")]
    #[explain(kind = Usage)]
    Name(Escaped),
    /// The daemon does not have the image.
    #[error("the Docker daemon at `{endpoint}` has no image `{name}`")]
    #[explain(kind = NotFound, hint = near::hint(near))]
    Unknown {
        /// The image.
        name: Escaped,
        /// The daemon's endpoint.
        endpoint: Escaped,
        /// Names that may be meant.
        near: Vec<Escaped>,
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

fn unreachable(origin: Origin, attempts: Vec<Attempt>) -> EngineError {
    if attempts.iter().any(|attempt| attempt.permission_denied) {
        EngineError::Denied { origin, attempts }
    } else {
        EngineError::Unreachable { origin, attempts }
    }
}

fn hint_to_unreachable(attempts: &[Attempt]) -> String {
    let hint = match attempts.iter().any(|attempt| matches!(attempt.endpoint, Endpoint::Https(..))) {
        true => {
            "TLS is asked for by `https://`, by a context, or by `DOCKER_TLS_VERIFY` with any value, even `0`; unset \
             that for a daemon without TLS, else put `ca.pem` into the directory of `DOCKER_CERT_PATH`"
        }
        false => {
            "start Docker, set `DOCKER_HOST`, or push from an OCI layout or a Docker archive, which need no daemon"
        }
    };
    hint.to_owned()
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

impl Engine {
    /// Connects to the first of the candidates at which a daemon answers within 10 seconds.
    ///
    /// # Errors
    /// When no daemon answers, with the reason for each candidate.
    pub(crate) async fn connect(candidates: &Candidates) -> Result<Self, EngineError> {
        let mut attempts = Vec::new();
        for endpoint in candidates.endpoints() {
            match ping(endpoint).await {
                Ok(()) => {
                    tracing::info!("connected to Docker at `{endpoint}` ({})", candidates.origin());
                    return Ok(Self { endpoint: endpoint.clone() });
                }
                Err(attempt) => attempts.push(attempt),
            }
        }
        Err(unreachable(candidates.origin().clone(), attempts))
    }

    /// The daemon's endpoint.
    #[must_use]
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Describes an image by its name or id, within a minute.
    ///
    /// # Errors
    /// When the daemon has no such image, or does not answer with a description in time.
    pub(crate) async fn inspect(&self, name: &str) -> Result<LocalImage, EngineError> {
        check(name)?;
        let found = client::get::<Inspection>(&self.endpoint, &format!("/images/{name}/json"), ANSWER_TIMEOUT).await;
        let found = match found {
            Err(failure) if failure.is_unknown() => return Err(self.unknown(name).await),
            found => found.map_err(|failure| self.failure(name, failure))?,
        };
        LocalImage::from_inspection(found).map_err(|reason| self.failed(name, &reason))
    }

    /// The daemon's data directory, on its own machine, within a minute. The error names the image `name`.
    ///
    /// # Errors
    /// When the daemon does not answer with its data directory in time.
    pub(crate) async fn root(&self, name: &str) -> Result<PathBuf, EngineError> {
        let found = client::get::<Information>(&self.endpoint, "/info", ANSWER_TIMEOUT).await;
        let root = found.map_err(|failure| self.failure(name, failure))?.docker_root_dir;
        let root = root.ok_or_else(|| self.failed(name, "it does not tell its root directory"))?;
        Ok(root.into())
    }

    /// The image as a tar stream in the form of `docker save`. Dropping the stream ends the export.
    ///
    /// There is no time limit. The daemon first stages the export, which takes minutes for large images; a daemon that
    /// dies closes the connection, but one behind a network that fails silently can keep this waiting.
    ///
    /// A daemon that fails in the middle may end the stream early, or with a JSON error message in place of the rest of
    /// the archive: the stream's reader must insist on a complete archive.
    ///
    /// # Errors
    /// An item is an error when the daemon has no such image, or the connection breaks.
    pub(crate) fn export(&self, name: &str) -> impl Stream<Item = Result<Bytes, EngineError>> + use<'_> {
        let name = name.to_owned();
        let exported = async move {
            check(&name)?;
            let chunks = client::stream(&self.endpoint, &format!("/images/{name}/get")).await;
            let chunks = chunks.map_err(|failure| self.failure(&name, failure))?;
            Ok(chunks.map_err(move |failure| self.failure(&name, failure)))
        };
        stream::once(exported).try_flatten().boxed()
    }

    fn failure(&self, name: &str, failure: Failure) -> EngineError {
        if failure.is_unknown() {
            let endpoint = Escaped::of(&self.endpoint);
            return EngineError::Unknown { name: shown(name), endpoint, near: Vec::new() };
        }
        EngineError::Failed { name: shown(name), endpoint: Escaped::of(&self.endpoint), reason: failure.reason }
    }

    fn failed(&self, name: &str, reason: &str) -> EngineError {
        EngineError::Failed { name: shown(name), endpoint: Escaped::of(&self.endpoint), reason: shown(reason) }
    }
}

async fn ping(endpoint: &Endpoint) -> Result<(), Attempt> {
    let limit = if matches!(endpoint, Endpoint::Ssh(_)) { SSH_PING_TIMEOUT } else { PING_TIMEOUT };
    match client::get_bytes(endpoint, "/_ping", limit).await {
        Ok(_) => Ok(()),
        // A proxy may let nothing pass but what it knows; what the image is asked for tells more.
        Err(Failure { status: Some(StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), .. }) => Ok(()),
        Err(Failure { reason, permission_denied, .. }) => {
            Err(Attempt { endpoint: endpoint.clone(), reason, permission_denied })
        }
    }
}

/// Refuses a name that, as part of the request's path, would leave `/images/`.
fn check(name: &str) -> Result<(), EngineError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-/:@[]".contains(&b);
    let parts = |part: &str| !matches!(part, "" | "." | "..");
    if name.bytes().all(allowed) && name.split('/').all(parts) { Ok(()) } else { Err(EngineError::Name(shown(name))) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
