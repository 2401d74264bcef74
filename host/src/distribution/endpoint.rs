//! The first request to a host: is there a registry, over https or plain http, and which credentials does it ask for?
//!
//! It goes without credentials, so that the scheme is settled before any are sent.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_TYPE, LOCATION};
use http::{Method, StatusCode};
use reqwest::Request;
use url::Url;

use super::error::Error;
use super::error_body::{self, ErrorBody};
use super::greeting::Greeting;
use super::location::Destination;
use super::options::PlainHttp;
use super::retry::is_temporary_status;
use super::server::Server;
use super::shown::{shown, shown_location};
use super::status::StatusError;
use super::wire::challenge::Challenge;
use super::wire::connections::Connections;
use super::wire::failure::Failure;
use super::wire::transport::Transport;
use super::wire::{headers, retry_after};
use crate::image::{Host, Repository};
use crate::network::names;
use crate::waiting::waiting_for;

/// The first request, as errors name it.
const REQUEST: &str = "the question for the registry's version";

/// Redirects of the first request, within the registry.
const MAX_REDIRECTS: usize = 5;

/// How long https is waited for before plain http is tried, where that is allowed: some servers of plain http
/// (gunicorn, workerd) answer a TLS greeting with silence, as they wait for the end of a line. A handshake nearby takes
/// milliseconds.
const HEAD_START: Duration = Duration::from_secs(1);

/// Where a registry answers, and which credentials it asks for.
pub(super) struct Endpoint {
    /// `https://host/v2/`, or plain http where that is allowed and https is not spoken.
    pub(super) base: Url,
    /// Empty where the registry opens without credentials.
    pub(super) challenges: Vec<Challenge>,
    /// An answer to `/v2/` that no registry gives. It decides nothing: registries behind a path, and robots that may
    /// only push, get such answers where everything below works. The first upload decides.
    pub(super) doubt: Option<String>,
    /// What its answer shows beside that.
    pub(super) greeting: Greeting,
}

impl Endpoint {
    /// `/v2/`, the registry itself.
    pub(super) fn root(&self) -> Destination {
        Destination::in_registry(&self.base, self.base.path())
    }

    /// `/v2/<repository>/<path>`. Neither repositories nor digests nor tags hold characters that mean something in a
    /// URL.
    pub(super) fn in_repository(&self, repository: &Repository, path: &str) -> Destination {
        self.below(&format!("{repository}/{path}"))
    }

    /// `/v2/<path>`. `path` holds no character that means something in a URL.
    pub(super) fn below(&self, path: &str) -> Destination {
        Destination::in_registry(&self.base, &format!("/v2/{path}"))
    }
}

/// Finds the registry at a host (distribution specification, "Determining Support"). Of the answer, the challenges
/// count whatever its status is; redirects within the registry are followed.
///
/// Plain http is tried only for this machine and where the user allowed it for this registry, and only when https isn't
/// spoken there: a server that speaks TLS and can't be trusted is an error, never a reason to go on without.
///
/// # Errors
/// [`Error::Unreachable`], [`Error::Tls`] and their kin where there is no connection, [`Error::PlainHttp`] where https
/// is required, [`Error::NotARegistry`] for a 401 without a challenge, and failures that pass.
pub(super) async fn probe(
    transport: &Transport,
    http: &Connections,
    host: &Host,
    plain_http: PlainHttp,
) -> Result<Endpoint, Error> {
    let plain_allowed = names::is_this_machine(host) || plain_http == PlainHttp::Allowed;
    let https = base("https", host)?;
    let failed = |failure: Failure| failure.into_error(Server::registry(host), REQUEST);
    if !plain_allowed {
        return match ask(transport, http, host, &https).await {
            Ok(response) => understand(response, host, https).await,
            Err(Failure::NotTls) => Err(Error::PlainHttp { host: host.clone() }),
            Err(failure) => Err(failed(failure)),
        };
    }
    let plain = base("http", host)?;
    let secure = match tokio::time::timeout(HEAD_START, ask(transport, http, host, &https)).await {
        Ok(answer) => answer,
        // The connection is given up first: a server with one worker would answer nothing else meanwhile.
        Err(_) => match ask(transport, http, host, &plain).await {
            Ok(response) if is_of_a_registry(&response) => return understand(response, host, plain).await,
            _ => ask(transport, http, host, &https).await,
        },
    };
    match secure {
        Ok(response) => understand(response, host, https).await,
        Err(Failure::NotTls | Failure::Connect(_)) => {
            tracing::debug!("registry `{host}` doesn't speak https, trying plain http");
            let response = ask(transport, http, host, &plain).await.map_err(failed)?;
            understand(response, host, plain).await
        }
        Err(failure) => Err(failed(failure)),
    }
}

/// Whether it is what a registry answers to `/v2/`. A slow server of https answers a request in plain http otherwise.
fn is_of_a_registry(response: &reqwest::Response) -> bool {
    response.status().is_success() || response.status() == StatusCode::UNAUTHORIZED
}

fn base(scheme: &str, host: &Host) -> Result<Url, Error> {
    let no_url =
        |error: url::ParseError| Error::Unreachable { server: Server::registry(host), cause: error.to_string().into() };
    Url::parse(&format!("{scheme}://{}/v2/", host.api())).map_err(no_url)
}

async fn ask(transport: &Transport, http: &Connections, host: &Host, url: &Url) -> Result<reqwest::Response, Failure> {
    let timeout = transport.options().idle_timeout;
    let _waiting = waiting_for(format!("registry {host}"));
    let mut asked = url.clone();
    let mut redirects = 0;
    loop {
        let response = match tokio::time::timeout(timeout, http.send(Request::new(Method::GET, asked.clone()))).await {
            Ok(answer) => answer.map_err(|error| Failure::of(&error))?,
            Err(_) => return Err(Failure::Broken(format!("no answer in {} seconds", timeout.as_secs()))),
        };
        tracing::debug!("GET {} of registry `{host}`: {}", shown(&asked), response.status());
        match redirect(url, &asked, &response) {
            Some(next) if redirects < MAX_REDIRECTS => asked = next,
            _ => return Ok(response),
        }
        redirects += 1;
    }
}

/// The place within the registry itself that an answer redirects to.
fn redirect(registry: &Url, from: &Url, response: &reqwest::Response) -> Option<Url> {
    let location = headers::text(response.headers(), LOCATION).filter(|_| response.status().is_redirection())?;
    let destination = Destination::follow(registry, from, location).ok()?;
    destination.is_registry().then(|| destination.url().clone())
}

async fn understand(response: reqwest::Response, host: &Host, base: Url) -> Result<Endpoint, Error> {
    let no_registry = |found: String| Error::NotARegistry { host: host.clone(), found: found.into() };
    let header = |name| headers::text(response.headers(), name).unwrap_or_default();
    let status = response.status();
    let challenges = Challenge::all(response.headers());
    let greeting = Greeting::of(&response);
    let doubt = match status {
        StatusCode::UNAUTHORIZED if challenges.is_empty() => {
            return Err(no_registry("it asks for credentials without saying how".to_owned()));
        }
        StatusCode::UNAUTHORIZED => None,
        _ if status.is_success() && header(CONTENT_TYPE).starts_with("text/html") => {
            Some("it answers `/v2/` with a web page".to_owned())
        }
        _ if status.is_success() => return Ok(Endpoint { base, challenges: Vec::new(), doubt: None, greeting }),
        _ if status.is_redirection() => {
            let place = shown_location(&base, header(LOCATION));
            Some(format!("it answers `/v2/` with {status} to `{place}`"))
        }
        _ if !is_temporary_status(status) && (status.is_client_error() || status == StatusCode::NOT_IMPLEMENTED) => {
            Some(format!("it answers `/v2/` with {status}"))
        }
        _ => {
            let retry_after = retry_after::wait(response.headers(), SystemTime::now());
            let body = ErrorBody::decode(&error_body::read(response).await, &[]);
            let (server, request) = (Server::registry(host), REQUEST.to_owned());
            return Err(Box::new(StatusError { server, request: request.into(), status, body, retry_after }).into());
        }
    };
    if let Some(doubt) = &doubt {
        tracing::debug!("`{host}` may be no registry: {doubt}");
    }
    Ok(Endpoint { base, challenges, doubt, greeting })
}
