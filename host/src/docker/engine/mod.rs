//! A client of the Docker daemon: an image by its name, the image's bytes, the daemon's root directory, and what the
//! daemon does with an image itself.
//!
//! The API is described at <https://docs.docker.com/reference/api/engine/>. Requests carry no version, so that the
//! daemon answers in its newest one; ping, info, inspect, tag, push and export have kept their form since API 1.24.

mod about;
mod api;
mod build;
mod error;
mod inspection;
mod load;
mod messages;
mod names;
mod pushing;
mod questions;
mod tags;
mod upload;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

use super::client::{self, Failure, Request};
use super::endpoint::Endpoint;
use super::locate::Candidates;
use super::shown::shown;
use crate::json;
use crate::text::Escaped;
pub(crate) use about::About;
pub(crate) use api::ApiVersion;
pub(crate) use error::EngineError;
use error::{Attempt, unreachable};
pub(crate) use inspection::LocalImage;
pub(crate) use messages::{ErrorDetail, Message};
pub(crate) use upload::{Upload, UploadFailure, login_header};

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
    /// The newest version of its API; absent where it, or a proxy before it, does not tell.
    api: Option<ApiVersion>,
}

/// What a daemon tells about itself, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Information {
    #[serde(deserialize_with = "json::non_empty")]
    docker_root_dir: Option<String>,
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
                Ok(headers) => {
                    let api = ApiVersion::of(&headers);
                    tracing::info!("connected to Docker at `{endpoint}` ({})", candidates.origin());
                    if let Some(found) = api.or_else(|| ApiVersion::of_old_server(&headers)).filter(ApiVersion::is_old)
                    {
                        return Err(EngineError::TooOld { endpoint: Escaped::of(endpoint), found });
                    }
                    return Ok(Self { endpoint: endpoint.clone(), api });
                }
                Err(attempt) => attempts.push(attempt),
            }
        }
        Err(unreachable(candidates.origin().clone(), attempts))
    }

    /// A daemon that no test connects to.
    #[cfg(test)]
    pub(crate) fn at(endpoint: &str, api: &'static str) -> Self {
        let endpoint = Endpoint::parse(endpoint, super::endpoint::Security::Unspecified).unwrap();
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static("api-version"), api.parse().unwrap())]);
        Self { endpoint, api: ApiVersion::of(&headers) }
    }

    /// The daemon's endpoint.
    #[must_use]
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The newest version of its API; absent where it does not tell.
    #[must_use]
    pub(crate) fn api(&self) -> Option<ApiVersion> {
        self.api
    }

    /// Describes an image by its name or id, within a minute.
    ///
    /// # Errors
    /// When the daemon has no such image, or does not answer with a description in time.
    pub(crate) async fn inspect(&self, name: &str) -> Result<LocalImage, EngineError> {
        check(name)?;
        match self.find(name).await? {
            Some(image) => Ok(image),
            None => Err(self.unknown(name).await),
        }
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
            let path = format!("/images/{name}/get");
            let chunks = client::stream(&self.endpoint, Request::new(Method::GET, &path)).await;
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

/// The headers of the answer to a ping, which tell the version.
async fn ping(endpoint: &Endpoint) -> Result<HeaderMap, Attempt> {
    let limit = if matches!(endpoint, Endpoint::Ssh(_)) { SSH_PING_TIMEOUT } else { PING_TIMEOUT };
    match client::headers(endpoint, "/_ping", limit).await {
        Ok(headers) => Ok(headers),
        // A proxy may let nothing pass but what it knows; what the image is asked for tells more.
        Err(Failure { status: Some(StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), .. }) => Ok(HeaderMap::new()),
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
