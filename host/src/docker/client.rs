//! Requests to a Docker daemon, each on a connection of its own.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::header::{HOST, USER_AGENT};
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::shown::shown;
use super::transport::{self, ConnectFailure};
use crate::network::io_words;
use crate::network::tls::TlsFailure;
use crate::text::{Escaped, first_words};
use crate::{bounded, json};

/// Longest answer that is read whole, in bytes: a description has some KiB, most of it labels and the environment.
const MAX_ANSWER: usize = 4 << 20;
/// The most that is read of a refusal, in bytes: a message of some lines.
const MAX_REFUSAL: usize = 64 << 10;

/// Why a request failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// The cause, on one line.
    pub(super) reason: Escaped,
    /// The daemon's refusal.
    pub(super) status: Option<StatusCode>,
    /// Whether the refusal is a page, as proxies give it, and no daemon's message.
    is_page: bool,
    /// Whether the operating system, or `ssh`, denied access.
    pub(super) permission_denied: bool,
}

/// The message of a refusal. Daemons before API 1.24 sent plain text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    #[serde(deserialize_with = "json::non_empty")]
    message: Option<String>,
}

impl Failure {
    /// Whether the daemon says that it does not have this.
    pub(super) fn is_unknown(&self) -> bool {
        self.status == Some(StatusCode::NOT_FOUND) && !self.is_page
    }

    fn new(reason: &str) -> Self {
        Self { reason: shown(reason), status: None, is_page: false, permission_denied: false }
    }

    fn silent() -> Self {
        Self::new("it does not answer in time")
    }

    fn of(error: &hyper::Error) -> Self {
        let mut deepest: &(dyn Error + 'static) = error;
        while let Some(cause) = deepest.source() {
            deepest = cause;
        }
        let Some(failed) = deepest.downcast_ref::<io::Error>() else {
            return Self::new(&match () {
                () if error.is_parse() => "it doesn't speak HTTP, or only behind TLS".to_owned(),
                () if error.is_incomplete_message() => "it ended the connection too early".to_owned(),
                () => deepest.to_string(),
            });
        };
        let permission_denied = failed.kind() == io::ErrorKind::PermissionDenied;
        // One with words of its own, which say more than its kind.
        let reason = failed.get_ref().map_or_else(|| io_words(failed), ToString::to_string);
        let reason = TlsFailure::of_late_alert(&reason).map_or(reason, |alert| alert.to_string());
        Self { permission_denied, ..Self::new(&reason) }
    }
}

/// A text that is no message of Docker's API; of a page of a proxy its first words.
fn plain(text: &str) -> String {
    if is_page(text) { first_words(text) } else { text.trim().to_owned() }
}

fn is_page(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

impl From<ConnectFailure> for Failure {
    fn from(ConnectFailure { reason, permission_denied }: ConnectFailure) -> Self {
        Self { reason: shown(&reason), status: None, is_page: false, permission_denied }
    }
}

/// A request, but for its content.
pub(super) struct Request<'a> {
    /// Its method.
    pub(super) method: Method,
    /// Its path and query below the endpoint's own path.
    pub(super) path: &'a str,
    /// Headers besides those of every request.
    pub(super) headers: HeaderMap,
}

impl<'a> Request<'a> {
    /// A request without further headers.
    pub(super) fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, headers: HeaderMap::new() }
    }
}

/// Has something done within a time limit; the answer's content means nothing.
///
/// # Errors
/// When there is no connection, the daemon refuses, or it does not answer in time.
pub(super) async fn run(endpoint: &Endpoint, request: Request<'_>, limit: Duration) -> Result<(), Failure> {
    let answered = async { open(endpoint, request).await.map(drop) };
    timeout(limit, answered).await.unwrap_or_else(|_| Err(Failure::silent()))
}

/// Asks for the headers of an answer within a time limit.
///
/// # Errors
/// As [`run`].
pub(super) async fn headers(endpoint: &Endpoint, path: &str, limit: Duration) -> Result<HeaderMap, Failure> {
    let answered = async {
        let (parts, body) = open(endpoint, Request::new(Method::GET, path)).await?.into_parts();
        // The whole answer shows that it is one.
        collect(body).await.map(|_| parts.headers)
    };
    timeout(limit, answered).await.unwrap_or_else(|_| Err(Failure::silent()))
}

/// Asks for a value within a time limit.
///
/// # Errors
/// When there is no connection, the daemon refuses, or it does not answer with such a value in time.
pub(super) async fn get<T: DeserializeOwned>(endpoint: &Endpoint, path: &str, limit: Duration) -> Result<T, Failure> {
    let answered = async { collect(open(endpoint, Request::new(Method::GET, path)).await?.into_body()).await };
    let answer = timeout(limit, answered).await.unwrap_or_else(|_| Err(Failure::silent()))?;
    json::read(&answer).map_err(|malformed| Failure::new(&format!("its answer makes no sense: {malformed}")))
}

/// All bytes of an answer that is read whole.
async fn collect(body: Incoming) -> Result<Vec<u8>, Failure> {
    bounded::collect(body.into_data_stream(), MAX_ANSWER).await.map_err(|error| match error {
        bounded::ReadError::Failed(error) => Failure::of(&error),
        bounded::ReadError::TooLarge { .. } => Failure::new(&format!("its answer is longer than {MAX_ANSWER} bytes")),
    })
}

/// Asks for bytes of any length, without a time limit. Dropping the stream ends the connection.
///
/// # Errors
/// As [`get`]; an item is an error when the connection breaks.
pub(super) async fn stream(
    endpoint: &Endpoint,
    request: Request<'_>,
) -> Result<impl Stream<Item = Result<Bytes, Failure>> + Send + use<>, Failure> {
    Ok(body(open(endpoint, request).await?))
}

/// The bytes of an answer. Dropping the stream ends the connection.
pub(super) fn body(answer: Response<Incoming>) -> impl Stream<Item = Result<Bytes, Failure>> + Send + use<> {
    answer.into_body().into_data_stream().map(|chunk| chunk.map_err(|error| Failure::of(&error)))
}

/// Sends a request without content, and waits for the head of a good answer.
async fn open(endpoint: &Endpoint, request: Request<'_>) -> Result<Response<Incoming>, Failure> {
    send(endpoint, request, Empty::<Bytes>::new()).await
}

/// Sends a request with content of any length, and waits for the head of a good answer. A switch of protocols is one.
///
/// # Errors
/// When there is no connection, it breaks, or the daemon refuses.
pub(super) async fn send<B>(
    endpoint: &Endpoint,
    request: Request<'_>,
    content: B,
) -> Result<Response<Incoming>, Failure>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let Request { method, path, headers } = request;
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", endpoint.base_path()))
        .header(HOST, endpoint.host_header())
        .header(USER_AGENT, concat!("crhost/", env!("CARGO_PKG_VERSION")))
        .body(content)
        .map_err(|error| Failure::new(&error.to_string()))?;
    request.headers_mut().extend(headers);
    let stream = TokioIo::new(transport::connect(endpoint).await?);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(|error| Failure::of(&error))?;
    // It ends with the answer, or when the answer is dropped; its errors are those of the answer.
    let connection = tokio::spawn(connection.with_upgrades());
    let response = match sender.send_request(request).await {
        Ok(response) => response,
        // The connection ended before: it alone knows why, such as `ssh` that was denied at once.
        Err(error) if error.is_canceled() => {
            let ended = connection.await.ok().and_then(Result::err);
            return Err(Failure::of(ended.as_ref().unwrap_or(&error)));
        }
        Err(error) => return Err(Failure::of(&error)),
    };
    let status = response.status();
    if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response);
    }
    let text = bounded::start(response.into_body().into_data_stream(), MAX_REFUSAL).await;
    let message = json::read::<Refusal>(&text).ok().and_then(|refusal| refusal.message);
    let text = String::from_utf8_lossy(&text);
    let message = message.unwrap_or_else(|| plain(&text));
    let message = if message.is_empty() { "it refuses" } else { &message };
    Err(Failure {
        status: Some(status),
        is_page: is_page(&text),
        ..Failure::new(&format!("{message} (status {})", status.as_u16()))
    })
}
