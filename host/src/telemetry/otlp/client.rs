//! The way to the collector: crhost's own proxies, names and TLS, in its own runtime.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use tokio::runtime::Handle;

use crate::bounded;
use crate::certificates;
use crate::network::{self, io_words, request_words};
use crate::telemetry::settings::Settings;
use crate::text::{Escaped, Foreign};

/// Longest answer of a collector, in bytes; it says how many spans were refused, and perhaps why.
const MAX_ANSWER: usize = 64 * 1024;
/// How long a request may take: the specification's default of `OTEL_EXPORTER_OTLP_TIMEOUT`. At the end of a command
/// less is waited for.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why spans could not be sent, the last time.
pub(super) type Problem = Arc<Mutex<Option<Escaped>>>;

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

/// Sends spans to one collector. The SDK calls it on a thread of its own, where no runtime is.
pub(super) struct Client {
    settings: Settings,
    runtime: Handle,
    problem: Problem,
    /// Made at the first request: the platform's certificates take 10 ms to read.
    http: Arc<OnceLock<Option<reqwest::Client>>>,
}

/// Without the settings, which may hold a secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// A request that failed, for the SDK, which shows it nobody.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Failed(Escaped);

impl Client {
    pub(super) fn new(settings: Settings, runtime: Handle, problem: Problem) -> Self {
        Self { settings, runtime, problem, http: Arc::default() }
    }

    /// # Errors
    /// When the certificate that the environment names can't be used.
    fn http(&self) -> Result<reqwest::Client, Escaped> {
        let made = self.http.get_or_init(|| match build(&self.settings) {
            Ok(client) => Some(client),
            Err(reason) => {
                *self.problem.lock() = Some(reason);
                None
            }
        });
        made.clone().ok_or_else(|| "TLS can't be set up".into())
    }
}

impl Client {
    /// The SDK's request, to the URL and with the headers of the settings: of its own headers, which it reads from the
    /// environment whatever the way to the collector is, only those that describe the content are taken.
    ///
    /// # Errors
    /// When a header can't be sent.
    fn request(&self, http: &reqwest::Client, request: Request<Bytes>) -> Result<reqwest::RequestBuilder, Escaped> {
        let own =
            HeaderMap::try_from(&self.settings.headers).map_err(|error| Escaped::from(Foreign(error).to_string()))?;
        let mut built = http.post(self.settings.url.clone());
        for name in [CONTENT_TYPE, CONTENT_ENCODING] {
            if let Some(value) = request.headers().get(&name) {
                built = built.header(name, value.clone());
            }
        }
        Ok(built.headers(own).body(request.into_body()))
    }
}

impl HttpClient for Client {
    fn send_bytes<'this, 'sent>(&'this self, request: Request<Bytes>) -> Sending<'sent>
    where
        'this: 'sent,
        Self: 'sent,
    {
        let built = self.http().and_then(|http| self.request(&http, request));
        let sent = self.runtime.spawn(async move { send(built?).await });
        Box::pin(async move {
            let answer = sent.await.unwrap_or_else(|_| Err("the command ended".into()));
            let refusal = match &answer {
                Ok(answer) if answer.status().is_success() => None,
                Ok(answer) => Some(format!("it answered {}", answer.status()).into()),
                Err(reason) => Some(reason.clone()),
            };
            // A reason that is known stays: the first one says more than those that follow.
            if let Some(refusal) = refusal {
                self.problem.lock().get_or_insert(refusal);
            } else {
                *self.problem.lock() = None;
            }
            answer.map_err(|reason| Failed(reason).into())
        })
    }
}

async fn send(request: reqwest::RequestBuilder) -> Result<Response<Bytes>, Escaped> {
    let answer = request.send().await.map_err(|error| Escaped::from(request_words(&error)))?;
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let body = bounded::collect(answer.bytes_stream(), MAX_ANSWER).await;
    let body = body.map_err(|_| Escaped::from("its answer broke off, or is too long"))?;
    response.body(body.into()).map_err(|error| Foreign(error).to_string().into())
}

fn build(settings: &Settings) -> Result<reqwest::Client, Escaped> {
    let authorities = match &settings.certificate {
        Some(path) => certificates::in_file(path).map_err(|reason| unusable(path, &reason))?,
        None => Vec::<CertificateDer<'static>>::new(),
    };
    // The headers are for this collector.
    network::client(&settings.url, authorities, TIMEOUT, false)
}

fn unusable(path: &std::path::Path, reason: &io::Error) -> Escaped {
    format!("its certificate `{}` can't be used: {}", Escaped::from(path), io_words(reason)).into()
}
