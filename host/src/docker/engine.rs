//! Talking to a Docker daemon: which image a name means, and the image's bytes.
//!
//! The API is described at <https://docs.docker.com/reference/api/engine/>. Requests carry no version, so the daemon
//! answers in its own newest one; the two operations used here have kept their form since API 1.24.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bollard::Docker;
use bollard::errors::Error as ClientError;
use bollard::models::ImageInspect;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, future, stream};

use super::endpoint::Endpoint;
use super::locate::{Candidates, Origin};
use super::shown;
use super::transport;
use crate::error::{Explain, Kind};
use crate::image::{Digest, DigestError, Platform};

/// A daemon says at once that it is there; Docker's command line also waits this long (`defaultInitTimeout`).
const GREETING: Duration = Duration::from_secs(10);
/// To look up one image a busy daemon may wait for its own locks, but not for minutes.
const ANSWER: Duration = Duration::from_secs(60);
/// No limit: before its first byte the daemon writes the whole export to its disk, at the disk's speed.
const EXPORT: Duration = Duration::MAX;

/// A Docker daemon that answers.
#[derive(Clone)]
pub(crate) struct Engine {
    client: Docker,
    endpoint: Endpoint,
}

/// An image as the daemon keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalImage {
    /// The daemon's id of it: with the classic image store the digest of the configuration, with containerd's the
    /// digest of the manifest or index.
    pub(crate) id: Digest,
    /// The digests of the layers' uncompressed bytes, lowest layer first; empty for an image without layers.
    pub(crate) diff_ids: Vec<Digest>,
    /// What it runs on.
    pub(crate) platform: Platform,
    /// The bytes of its layers on the daemon's disk, as the daemon counts them.
    pub(crate) size: u64,
    /// What the daemon calls the storage driver that keeps it, where it tells.
    pub(crate) driver: Option<String>,
}

/// An endpoint that was tried in vain.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The endpoint.
    pub(crate) endpoint: Endpoint,
    /// Why there is no daemon, on one line.
    pub(crate) reason: String,
}

/// A daemon that does not do what it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// No endpoint answered.
    #[error("no Docker daemon answers{}: {}", named_by(.origin), listed(.attempts))]
    Unreachable {
        /// Who named the endpoints.
        origin: Origin,
        /// All of them.
        attempts: Vec<Attempt>,
    },
    /// The name cannot be an image's.
    #[error("`{0}` is no name or id of an image")]
    Name(String),
    /// The daemon does not have the image.
    #[error("the Docker daemon at `{endpoint}` has no image `{name}`")]
    Unknown {
        /// The image.
        name: String,
        /// Where the daemon was found.
        endpoint: String,
    },
    /// The daemon refused, or the connection broke.
    #[error("the Docker daemon at `{endpoint}` failed for the image `{name}`: {reason}")]
    Failed {
        /// The image.
        name: String,
        /// Where the daemon was found.
        endpoint: String,
        /// Why, bounded and escaped.
        reason: String,
    },
}

impl Explain for EngineError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. } | Self::Failed { .. } => Kind::Network,
            Self::Name(_) => Kind::Usage,
            Self::Unknown { .. } => Kind::NotFound,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { attempts, .. } if attempts.iter().any(|a| a.reason.contains("ermission denied")) => {
                Some("run as a user of the group `docker`, or as root".to_owned())
            }
            Self::Unreachable { .. } => Some(
                "start Docker, set `DOCKER_HOST`, or push from an OCI layout or a Docker archive, which need no daemon"
                    .to_owned(),
            ),
            Self::Unknown { .. } => Some("`docker images` lists what is there".to_owned()),
            Self::Name(_) | Self::Failed { .. } => None,
        }
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

impl Engine {
    /// The first of the candidates where a daemon answers; each is given 10 seconds.
    ///
    /// # Errors
    /// When none answers, with the reason for each.
    pub(crate) async fn connect(candidates: &Candidates) -> Result<Self, EngineError> {
        let mut attempts = Vec::new();
        for endpoint in candidates.endpoints().iter().cloned() {
            match greet(&endpoint).await {
                Ok(client) => {
                    tracing::debug!(%endpoint, origin = %candidates.origin(), "connected to Docker");
                    return Ok(Self { client, endpoint });
                }
                Err(reason) => attempts.push(Attempt { endpoint, reason }),
            }
        }
        Err(EngineError::Unreachable { origin: candidates.origin().clone(), attempts })
    }

    /// Where the daemon was found.
    #[must_use]
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// What the daemon knows of an image, by name or id; within a minute.
    ///
    /// # Errors
    /// When the daemon has no such image, does not answer in time, or answers something else.
    pub(crate) async fn inspect(&self, name: &str) -> Result<LocalImage, EngineError> {
        check(name)?;
        let client = self.client.clone().with_timeout(ANSWER);
        let found = client.inspect_image(name).await.map_err(|e| self.failure(name, e))?;
        LocalImage::from_inspection(found).map_err(|reason| self.failed(name, &reason))
    }

    /// The folder below which the daemon keeps everything, on its own machine; asked for the sake of an image, within a minute.
    ///
    /// # Errors
    /// When the daemon does not answer in time, or something else.
    pub(crate) async fn root(&self, name: &str) -> Result<PathBuf, EngineError> {
        let found = self.client.clone().with_timeout(ANSWER).info().await.map_err(|e| self.failure(name, e))?;
        let root = found.docker_root_dir.ok_or_else(|| self.failed(name, "it does not tell its root folder"))?;
        Ok(root.into())
    }

    /// The image as a tar stream in the form of `docker save`. Dropping the stream ends the export.
    ///
    /// There is no time limit. The daemon first stages the export, which takes minutes for large images; a daemon that
    /// dies closes the connection, but one behind a network that fails silently can keep this waiting.
    ///
    /// A daemon that fails in the middle may end the stream early, or with a JSON error message where tar should go
    /// on: what reads the stream must insist on a complete archive.
    ///
    /// # Errors
    /// The stream's items say when the daemon has no such image, or the connection breaks.
    pub(crate) fn export(&self, name: &str) -> impl Stream<Item = Result<Bytes, EngineError>> + use<'_> {
        let name = name.to_owned();
        match check(&name) {
            Err(e) => stream::once(future::ready(Err(e))).left_stream(),
            Ok(()) => {
                let client = self.client.clone().with_timeout(EXPORT);
                let chunks = client.export_image(&name);
                chunks.map(move |chunk| chunk.map_err(|e| self.failure(&name, e))).right_stream()
            }
        }
    }

    fn failure(&self, name: &str, error: ClientError) -> EngineError {
        match error {
            ClientError::DockerResponseServerError { status_code: 404, .. } => {
                EngineError::Unknown { name: name.to_owned(), endpoint: self.endpoint.to_string() }
            }
            other => self.failed(name, &transport::reason(&other)),
        }
    }

    fn failed(&self, name: &str, reason: &str) -> EngineError {
        EngineError::Failed { name: name.to_owned(), endpoint: self.endpoint.to_string(), reason: shown(reason) }
    }
}

async fn greet(endpoint: &Endpoint) -> Result<Docker, String> {
    let client = transport::open(endpoint, GREETING)?;
    client.ping().await.map_err(|e| transport::reason(&e))?;
    Ok(client)
}

/// The name becomes part of a path. It can be any text that references and ids are made of, but must not lead out of
/// `/images/`.
fn check(name: &str) -> Result<(), EngineError> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-/:@[]".contains(&b);
    let parts = |part: &str| !matches!(part, "" | "." | "..");
    if name.bytes().all(allowed) && name.split('/').all(parts) { Ok(()) } else { Err(EngineError::Name(shown(name))) }
}

impl LocalImage {
    fn from_inspection(found: ImageInspect) -> Result<Self, String> {
        let digest = |text: &str| text.parse().map_err(|e: DigestError| e.to_string());
        let layers = found.root_fs.and_then(|root| root.layers).unwrap_or_default();
        let known = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(Self {
            id: digest(&found.id.unwrap_or_default())?,
            diff_ids: layers.iter().map(|layer| digest(layer)).collect::<Result<_, _>>()?,
            platform: Platform {
                os: known(found.os).ok_or("it names no operating system")?,
                architecture: known(found.architecture).ok_or("it names no architecture")?,
                variant: known(found.variant),
            },
            size: found.size.and_then(|size| size.try_into().ok()).unwrap_or_default(),
            driver: found.graph_driver.map(|driver| driver.name),
        })
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
