//! Asks a crhost server for logins, with an id token of this machine, or a certificate: the machine holds no secret of
//! a registry.
//!
//! The server runs flavors and keeps connectors; it answers how the registry takes uploads, and credentials that end.
//! Nothing here knows a flavor.

mod error;
mod identity;
mod wire;

use std::time::Duration;

use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde::de::DeserializeOwned;
use tokio::time::sleep;
use url::Url;
use zeroize::Zeroizing;

pub(crate) use error::ServerError;
use identity::CertificateFiles;
pub(crate) use wire::{CredentialAnswer, CredentialRequest, ListedRegistry, Problem, Registries, WireProfile};

use crate::environment::{EnvVars, Environment};
use crate::id_token::{self, IdTokenFrom};
use crate::json;
use crate::network::{client_as, is_this_machine, refuses_certificate, request_words};
use crate::text::Escaped;

/// The way to a server.
pub(crate) struct ServerClient {
    url: Url,
    audience: String,
    /// Where id tokens are from; absent where a certificate is shown instead.
    from: Option<IdTokenFrom>,
    certificate: Option<CertificateFiles>,
    environment: Environment,
}

/// Wait for an answer: the server may have to ask a provider.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Waits before a request is made again: a server that starts again, or one that has much to do.
const RETRIES: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
    Duration::from_secs(6),
];

/// Longest wait that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

/// Largest answer, in bytes.
const MAX_ANSWER: usize = 4 << 20;

impl ServerClient {
    /// The server that the environment names; `None` where it names none.
    ///
    /// # Errors
    /// When what it names can't be one.
    pub(crate) fn of(environment: &Environment) -> Result<Option<Self>, ServerError> {
        let Some(text) = environment.text(EnvVars::CRHOST_SERVER) else { return Ok(None) };
        // A password that stands there is not shown.
        let wrong = || ServerError::Url(Escaped::new(text.rsplit_once('@').map_or(&*text, |(_, host)| host), 200));
        let url = Url::parse(&text).map_err(|_| wrong())?;
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_this_machine(&url);
        let is_bare = url.query().is_none() && url.fragment().is_none();
        if !is_safe || !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong());
        }
        let audience = environment.text(EnvVars::CRHOST_SERVER_AUDIENCE);
        let audience = audience.map_or_else(|| text.trim_end_matches('/').to_owned(), |audience| audience.into_owned());
        let certificate = CertificateFiles::of(environment)?;
        if let Some(certificate) = certificate.as_ref().filter(|_| url.scheme() != "https") {
            let reason = format!("CRHOST_SERVER is `{}`, where no TLS shows it", Escaped::new(url.as_str(), 200));
            return Err(ServerError::Certificate { path: certificate.shown(), reason: reason.into() });
        }
        let from = match environment.text(EnvVars::CRHOST_SERVER_TOKEN) {
            None => certificate.is_none().then_some(IdTokenFrom::Auto),
            Some(from) => Some(from.parse().map_err(|reason| ServerError::TokenFrom(Escaped::of(reason)))?),
        };
        Ok(Some(Self { url, audience, from, certificate, environment: environment.clone() }))
    }

    /// The server's URL, for users.
    pub(crate) fn shown(&self) -> Escaped {
        Escaped::new(self.url.as_str().trim_end_matches('/'), 200)
    }

    /// The registries with which the caller may do something.
    ///
    /// # Errors
    /// When the server can't be asked, or does not know the caller.
    pub(crate) async fn registries(&self) -> Result<Vec<ListedRegistry>, ServerError> {
        let answer: Registries = self.ask(Method::GET, "v1/registries", None).await?;
        Ok(answer.registries)
    }

    /// Credentials, and how the registry takes uploads.
    ///
    /// # Errors
    /// When no rule allows it, the registry's flavor refuses, or the server can't be asked.
    pub(crate) async fn credentials(&self, request: &CredentialRequest) -> Result<CredentialAnswer, ServerError> {
        // Strings and truth values, which JSON can always represent.
        let body = serde_json::to_vec(request).unwrap_or_default();
        self.ask(Method::POST, "v1/credentials", Some(body)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, ServerError> {
        let token = match &self.from {
            Some(from) => Some(id_token::issue(from, &self.audience, &self.environment).await.map_err(Box::new)?.token),
            None => None,
        };
        let url = format!("{}/{path}", self.url.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|_| ServerError::Url(self.shown()))?;
        let failed = |reason: Escaped| ServerError::Unreachable { server: self.shown(), reason };
        let identity = self.certificate.as_ref().map(CertificateFiles::read).transpose()?;
        let client =
            client_as(&url, Vec::new(), identity, TIMEOUT, false).map_err(|reason| match &self.certificate {
                Some(certificate) => ServerError::Certificate { path: certificate.shown(), reason },
                None => failed(reason),
            })?;
        let mut waits = RETRIES.iter();
        loop {
            let mut request = client.request(method.clone(), url.clone());
            if let Some(token) = &token {
                request = request.bearer_auth(token.expose_secret());
            }
            if let Some(body) = &body {
                request = request.header("content-type", "application/json").body(body.clone());
            }
            let (error, asked_wait) = match request.send().await {
                Ok(answer) => {
                    let status = answer.status();
                    let wait = retry_after(&answer);
                    let body = read(answer).await.map_err(failed)?;
                    if status.is_success() {
                        return json::object(&body).map_err(|_| failed("its answer is no crhost server's".into()));
                    }
                    let error = ServerError::of_problem(self.shown(), status.as_u16(), &body);
                    let may_pass = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
                    if !may_pass {
                        return Err(error);
                    }
                    (error, wait)
                }
                Err(error) if refuses_certificate(&error, self.certificate.is_some()) => {
                    let certificate = self.certificate.as_ref().map(CertificateFiles::shown);
                    return Err(ServerError::NoCertificate { server: self.shown(), certificate });
                }
                Err(error) => (failed(request_words(&error).into()), None),
            };
            let Some(wait) = waits.next() else { return Err(error) };
            tracing::info!("the server is asked again: {error}");
            sleep(asked_wait.unwrap_or(*wait).min(MAX_RETRY_AFTER)).await;
        }
    }
}

fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read(mut answer: reqwest::Response) -> Result<Zeroizing<Vec<u8>>, Escaped> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(piece) = answer.chunk().await.map_err(|error| Escaped::from(request_words(&error)))? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MAX_ANSWER {
            return Err("its answer is larger than 4 MiB".into());
        }
    }
    Ok(bytes)
}
