//! The first question to a host: is there a registry, over https or plain http, and how does it want to be asked?
//!
//! It is asked without credentials, so that the scheme is settled before any are sent.

use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use url::Url;

use super::challenge::Challenge;
use super::error::Error;
use super::location::shown;
use super::retry_after;
use super::send::{ERROR_BODY, read_start};
use super::transport::{Failure, Transport, failure};
use super::words::Words;
use crate::image::Host;

/// The first request, as errors name it.
const QUESTION: &str = "the question for the registry's version";

/// Where a registry answers, and what it asks for.
pub(super) struct Endpoint {
    /// `https://host/v2/`, or plain http where that is allowed and https is not spoken.
    pub(super) base: Url,
    /// Empty where the registry opens without credentials.
    pub(super) challenges: Vec<Challenge>,
}

/// Finds the registry at a host (distribution specification, "Determining Support").
///
/// Plain http is tried only for this machine and where the user allowed it, and only when https isn't spoken there: a
/// server that speaks TLS and can't be trusted is an error, never a reason to go on without.
pub(super) async fn probe(transport: &Transport, http: &reqwest::Client, host: &Host) -> Result<Endpoint, Error> {
    let plain_allowed = host.is_loopback() || transport.options().insecure;
    let https = base("https", host)?;
    match ask(transport, http, host, &https).await {
        Ok(response) => understand(response, host, https).await,
        Err(Failure::NotTls(_) | Failure::Connect(_)) if plain_allowed => {
            let plain = base("http", host)?;
            tracing::debug!("registry `{host}` doesn't speak https, trying plain http");
            match ask(transport, http, host, &plain).await {
                Ok(response) => understand(response, host, plain).await,
                Err(failure) => Err(unreachable(host, failure)),
            }
        }
        Err(Failure::NotTls(_)) => Err(Error::PlainHttp { host: host.to_string() }),
        Err(failure) => Err(unreachable(host, failure)),
    }
}

fn unreachable(host: &Host, failure: Failure) -> Error {
    match failure {
        Failure::Tls(cause) => tls_error(host, cause),
        Failure::Connect(cause) | Failure::NotTls(cause) => Error::Unreachable { server: named(host), cause },
        Failure::Broken(cause) => Error::Interrupted { server: named(host), what: QUESTION.to_owned(), cause },
    }
}

/// How errors name a registry.
pub(super) fn named(host: &Host) -> String {
    format!("registry `{host}`")
}

/// The error for a registry whose TLS can't be trusted.
pub(super) fn tls_error(host: &Host, cause: String) -> Error {
    Error::Tls { server: named(host), host: host.to_string(), cause }
}

fn base(scheme: &str, host: &Host) -> Result<Url, Error> {
    let no_url = |error: url::ParseError| Error::Unreachable { server: named(host), cause: error.to_string() };
    Url::parse(&format!("{scheme}://{}/v2/", host.api())).map_err(no_url)
}

async fn ask(
    transport: &Transport,
    http: &reqwest::Client,
    host: &Host,
    url: &Url,
) -> Result<reqwest::Response, Failure> {
    let patience = transport.options().patience;
    match tokio::time::timeout(patience, http.get(url.clone()).send()).await {
        Ok(Ok(response)) => {
            tracing::debug!("GET {url} of registry `{host}`: {}", response.status());
            Ok(response)
        }
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => Err(Failure::Broken(format!("no answer in {} seconds", patience.as_secs()))),
    }
}

async fn understand(mut response: reqwest::Response, host: &Host, base: Url) -> Result<Endpoint, Error> {
    let no_registry = |found: String| Error::NotARegistry { host: host.to_string(), found };
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let status = response.status();
    match status {
        StatusCode::UNAUTHORIZED => {
            let challenges = Challenge::all(response.headers());
            if challenges.is_empty() {
                return Err(no_registry("it asks for credentials without saying how".to_owned()));
            }
            Ok(Endpoint { base, challenges })
        }
        _ if status.is_success() && header(CONTENT_TYPE).starts_with("text/html") => {
            Err(no_registry("it answers `/v2/` with a web page".to_owned()))
        }
        _ if status.is_success() => Ok(Endpoint { base, challenges: Vec::new() }),
        _ if status.is_redirection() => {
            Err(no_registry(format!("it answers `/v2/` with {status} to `{}`", shown(header(LOCATION)))))
        }
        StatusCode::NOT_FOUND => Err(no_registry(format!("it answers `/v2/` with {status}"))),
        _ => {
            let retry_after = retry_after::wait(response.headers(), std::time::SystemTime::now());
            let words = Words::decode(&read_start(&mut response, ERROR_BODY).await, &[]);
            let what = QUESTION.to_owned();
            Err(Error::Status { server: named(host), what, status, words, retry_after })
        }
    }
}
