//! One request to a registry: the credential, the redirects, the refusal in words.

use std::time::{Duration, SystemTime};

use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Response;
use url::Url;

use super::body::{BodyFailure, Patience, Payload};
use super::challenge::Challenge;
use super::client::COMMIT;
use super::error::Error;
use super::location::{follow, same_origin, shown};
use super::probe::{Endpoint, named, tls_error};
use super::repository::RepositoryClient;
use super::retry_after;
use super::token::{secret_in, secret_of};
use super::transport::{Failure, failure};
use super::words::Words;
use crate::credential::Credential;

/// Of an answer that explains a failure; all of it that anyone will read is in the first lines.
pub(super) const ERROR_BODY: usize = 64 * 1024;
/// Bodies that explain a failure are worth this long and no longer.
const ERROR_PATIENCE: Duration = Duration::from_secs(10);
/// A blob's redirects lead from the registry to a store and perhaps to a cache before it.
const MAX_REDIRECTS: usize = 5;

/// A request before it knows its credentials.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
    /// What it is for, as errors name it.
    pub(super) what: String,
    /// What a token must allow for it.
    pub(super) scopes: Vec<String>,
}

impl RepositoryClient {
    /// Sends a request and gives back the answer if that is a success.
    ///
    /// Credentials go along where the URL is of the registry's own origin. A refusal is answered once with a new token or
    /// with renewed credentials, if the content can be sent again. Redirects are followed for GET and HEAD only.
    pub(super) async fn send(&self, mut request: Request) -> Result<Response, Error> {
        let endpoint = self.endpoint().await?;
        let own = same_origin(&endpoint.base, &request.url);
        let (mut authorization, generation) = match own {
            true => {
                let mut auth = self.auth().await;
                (auth.current_header(&self.registry(endpoint), &request.scopes).await?, auth.generation)
            }
            false => (None, 0),
        };
        let mut first = true;
        loop {
            let mut response = self.follow_redirects(endpoint, &mut request, authorization.as_ref()).await?;
            if response.status().is_success() {
                return Ok(response);
            }
            let refusal = self.read_refusal(endpoint, &mut response, authorization.as_ref()).await;
            let other = if first && refusal.refuses_credentials() && request.payload.can_be_repeated() {
                let mut auth = self.auth().await;
                let (registry, used) = (self.registry(endpoint), authorization.as_ref());
                match auth.other_header(&registry, &refusal.challenges, used, &request.scopes).await {
                    Ok(None) => auth.renewed_header(&registry, used, generation, &request.scopes).await?,
                    // The token server's own refusal says more than the registry's, where there is nothing newer.
                    Err(error @ Error::WrongCredentials { .. }) => {
                        match auth.renewed_header(&registry, used, generation, &request.scopes).await? {
                            None => return Err(error),
                            header => header,
                        }
                    }
                    other => other?,
                }
            } else {
                None
            };
            match other {
                Some(header) => authorization = Some(header),
                None => {
                    let repeatable = request.payload.can_be_repeated();
                    if refusal.refuses_credentials() && !repeatable {
                        self.auth().await.give_up(authorization.as_ref(), generation);
                    }
                    return Err(self.explain(refusal, request.what, repeatable, authorization.as_ref()).await);
                }
            }
            first = false;
        }
    }

    async fn follow_redirects(
        &self,
        endpoint: &Endpoint,
        request: &mut Request,
        authorization: Option<&HeaderValue>,
    ) -> Result<Response, Error> {
        let may_follow = matches!(request.method, Method::GET | Method::HEAD);
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let authorization = authorization.filter(|_| same_origin(&endpoint.base, &url));
            let response = self.exchange(endpoint, request, &url, authorization).await?;
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            match location {
                Some(location) if may_follow && response.status().is_redirection() => {
                    url = follow(&endpoint.base, &url, location)?;
                }
                _ => return Ok(response),
            }
        }
        let problem = format!("it redirects more than {MAX_REDIRECTS} times");
        Err(Error::Protocol { server: named(self.host()), what: request.what.clone(), problem })
    }

    /// One request and the start of its answer.
    async fn exchange(
        &self,
        endpoint: &Endpoint,
        request: &mut Request,
        url: &Url,
        authorization: Option<&HeaderValue>,
    ) -> Result<Response, Error> {
        let http = match same_origin(&endpoint.base, url) {
            true => self.http().clone(),
            false => self.client().transport().to_url(url)?,
        };
        let taking = self.client().transport().options().patience;
        let writes = matches!(request.method, Method::PUT | Method::PATCH);
        let patience = Patience { taking, answering: if writes { taking * COMMIT } else { taking } };
        let mut builder = http.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if let Some(size) = request.payload.size().filter(|_| may_carry_content(&request.method)) {
            builder = builder.header(CONTENT_LENGTH, size);
        }
        if let Some(authorization) = authorization {
            builder = builder.header(AUTHORIZATION, authorization);
        }
        let (body, watch) = request.payload.start(patience);
        let sent = body.into_iter().fold(builder, reqwest::RequestBuilder::body).send();
        let result = tokio::select! {
            result = sent => result,
            patience = watch.lost_patience() => {
                return Err(Error::Silent { server: self.server(endpoint, url), what: request.what.clone(), patience });
            }
        };
        match (result, watch.failure()) {
            (_, Some(BodyFailure::Stream(error))) => Err(Error::Body(error)),
            (_, Some(BodyFailure::Length { expected, found })) => {
                Err(Error::Length { what: request.what.clone(), expected, found })
            }
            (Ok(response), None) => {
                tracing::debug!("{} {}: {}", request.method, shown(url.as_str()), response.status());
                Ok(response)
            }
            (Err(error), None) => Err(self.broken(endpoint, request, url, &error)),
        }
    }

    fn broken(&self, endpoint: &Endpoint, request: &Request, url: &Url, error: &reqwest::Error) -> Error {
        let server = self.server(endpoint, url);
        match failure(error) {
            Failure::Tls(cause) if same_origin(&endpoint.base, url) => tls_error(self.host(), cause),
            Failure::Tls(cause) => Error::Tls { server, host: url.host_str().unwrap_or_default().to_owned(), cause },
            Failure::Connect(cause) | Failure::NotTls(cause) => Error::Unreachable { server, cause },
            Failure::Broken(cause) => Error::Interrupted { server, what: request.what.clone(), cause },
        }
    }

    /// Who answers at a URL, as errors name it.
    fn server(&self, endpoint: &Endpoint, url: &Url) -> String {
        let registry = named(self.host());
        match same_origin(&endpoint.base, url) {
            true => registry,
            false => format!("server `{}` of {registry}", url.host_str().unwrap_or_default()),
        }
    }

    async fn read_refusal(
        &self,
        endpoint: &Endpoint,
        response: &mut Response,
        authorization: Option<&HeaderValue>,
    ) -> Refusal {
        let body = read_start(response, ERROR_BODY).await;
        let auth = self.auth().await;
        Refusal {
            status: response.status(),
            own: same_origin(&endpoint.base, response.url()),
            server: self.server(endpoint, response.url()),
            words: Words::decode(
                &body,
                &[secret_in(&auth.credential), authorization.map(secret_of).unwrap_or_default()],
            ),
            challenges: Challenge::all(response.headers()),
            retry_after: retry_after::wait(response.headers(), SystemTime::now()),
        }
    }

    async fn explain(&self, refusal: Refusal, what: String, repeatable: bool, used: Option<&HeaderValue>) -> Error {
        let refused = refusal.refuses_credentials();
        let Refusal { status, own, server, words, retry_after, .. } = refusal;
        let (host, repository) = (self.host().to_string(), self.repository().to_string());
        let auth = self.auth().await;
        match (status, &auth.credential) {
            // The upload was opened with these credentials, so they did allow to push. Whether others are to be had, the
            // next request will show.
            _ if refused && used.is_some() && !repeatable => Error::TokenExpired { host, what },
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Credential::Anonymous) if own => {
                Error::NoCredentials { host, repository }
            }
            _ if refused && used.is_some_and(|used| !is_bearer(used)) => Error::WrongCredentials { host, words },
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) if own => {
                Error::NotAllowed { host, repository, words }
            }
            _ if refused => Error::NotAllowed { host, repository, words },
            _ => Error::Status { server, what, status, words, retry_after },
        }
    }
}

/// An answer that isn't a success.
struct Refusal {
    status: StatusCode,
    /// Whether it is the registry's own; another server's challenges are never answered.
    own: bool,
    server: String,
    words: Words,
    challenges: Vec<Challenge>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// Whether other credentials may help.
    fn refuses_credentials(&self) -> bool {
        self.own && (self.status == StatusCode::UNAUTHORIZED || self.says_expired())
    }

    /// Whether it is a 401 in disguise: some registries say with 403, or with 400 and without a challenge, that credentials
    /// ran out. An upload that ran out is another matter.
    fn says_expired(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 403)
            && self.words.say_expired()
            && !self.words.has_code("BLOB_UPLOAD_INVALID")
    }
}

fn is_bearer(header: &HeaderValue) -> bool {
    header.as_bytes().starts_with(b"Bearer ")
}

/// Whether a request without content must say so: some proxies refuse a POST or PUT without a length.
fn may_carry_content(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

/// The first `limit` bytes of an answer, or what of them arrives in reasonable time.
pub(super) async fn read_start(response: &mut Response, limit: usize) -> Vec<u8> {
    let mut start = Vec::new();
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            start.extend(chunk.iter().take(limit - start.len()));
            if start.len() == limit {
                break;
            }
        }
    };
    // What is there by then is what there is.
    let _ = tokio::time::timeout(ERROR_PATIENCE, read).await;
    start
}
