//! Requests to one registry with one credential: authorize, send, follow redirects, read the refusal.

use std::sync::Arc;
use std::time::SystemTime;

use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue, LOCATION};
use reqwest::Response;
use tokio::sync::{Mutex, MutexGuard, OnceCell};
use tracing::Instrument as _;

use super::auth::authorization::{Authorization, Grant, Registry};
use super::auth::redact::{secret_in, secret_of};
use super::endpoint::{self, Endpoint};
use super::error::Error;
use super::error_body::{self, ErrorBody};
use super::location::Destination;
use super::options::{COMMIT_TIMEOUT_FACTOR, ClientOptions, PlainHttp};
use super::refusal::Refusal;
use super::request::Request;
use super::server::Server;
use super::shown::shown;
use super::subject::Subject;
use super::wire::challenge::Challenge;
use super::wire::connections::Connections;
use super::wire::failure::Failure;
use super::wire::payload::{BodyFailure, IdleTimeouts};
use super::wire::transport::Transport;
use super::wire::{headers, retry_after};
use crate::image::Host;
use crate::spans::RequestSpan;
use crate::waiting::waiting_for;

/// A blob's redirects lead from the registry to a store and perhaps to a cache before it.
const MAX_REDIRECTS: usize = 5;

/// The way to one repository, or to a registry's list of them: connections, the registry's endpoint, the credential.
pub(super) struct Exchange {
    pub(super) transport: Arc<Transport>,
    /// Connections to the registry itself.
    pub(super) http: Connections,
    pub(super) host: Host,
    pub(super) subject: Subject,
    /// Whether the registry may be spoken to in plain HTTP.
    pub(super) plain_http: PlainHttp,
    /// Shared with the other repositories of the registry, so that it is probed once per process.
    pub(super) endpoint: Arc<OnceCell<Endpoint>>,
    pub(super) authorization: Mutex<Authorization>,
}

/// What a server answered.
enum Answer {
    Success(Response),
    Refused(Refusal),
    /// A redirect of content that can't be sent again, and its place.
    Redirected(Destination),
}

/// An answer to a request whose content can be sent only once.
pub(super) enum Sent {
    Success(Response),
    /// The content has to be sent there.
    Redirected(Destination),
}

impl Exchange {
    pub(super) fn options(&self) -> &ClientOptions {
        self.transport.options()
    }

    /// The registry, as errors name it.
    pub(super) fn registry(&self) -> Server {
        Server::registry(&self.host)
    }

    /// The registry's endpoint, probed if that is still to be done.
    pub(super) async fn endpoint(&self) -> Result<&Endpoint, Error> {
        self.endpoint
            .get_or_try_init(|| endpoint::probe(&self.transport, &self.http, &self.host, self.plain_http))
            .await
    }

    /// The registry's endpoint, once a request was sent.
    pub(super) fn known_endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.get()
    }

    /// The credential and its tokens. A request that holds this while it fetches a token makes the others wait for that
    /// one token.
    pub(super) async fn authorization(&self) -> MutexGuard<'_, Authorization> {
        self.authorization.lock().await
    }

    /// The authorization for a request that needs these scopes.
    pub(super) async fn grant(&self, scopes: &[String]) -> Result<Grant, Error> {
        let endpoint = self.endpoint().await?;
        self.authorization().await.grant(&self.context(endpoint), scopes).await
    }

    /// Sends a request and gives back the answer if that is a success.
    ///
    /// Credentials go along where the destination is the registry itself. A refusal is answered once with a new token
    /// or with renewed credentials, if the content can be sent again. Redirects are followed a bounded number of times,
    /// with credentials only to the registry itself.
    pub(super) async fn send(&self, request: Request) -> Result<Response, Error> {
        let name = request.name.clone();
        match self.send_once(request).await? {
            Sent::Success(response) => Ok(response),
            Sent::Redirected(_) => Err(Error::Moved { host: self.host.clone(), request: name.into() }),
        }
    }

    /// The same for content that can perhaps be sent only once: its redirect is for the caller.
    pub(super) async fn send_once(&self, mut request: Request) -> Result<Sent, Error> {
        let mut grant = match request.destination.is_registry() {
            true => self.grant(&request.scopes).await?,
            false => Grant::default(),
        };
        let repeatable = request.payload.can_be_repeated();
        let mut refusal = match self.attempt(&mut request, &grant).await? {
            Answer::Success(response) => return Ok(Sent::Success(response)),
            Answer::Redirected(place) => return Ok(Sent::Redirected(place)),
            Answer::Refused(refusal) => refusal,
        };
        if refusal.refuses_credentials() {
            if !repeatable {
                self.authorization().await.give_up(&grant);
            } else if let Some(other) = self.regrant(&request.scopes, &refusal, &grant).await? {
                grant = other;
                refusal = match self.attempt(&mut request, &grant).await? {
                    Answer::Success(response) => return Ok(Sent::Success(response)),
                    Answer::Redirected(place) => return Ok(Sent::Redirected(place)),
                    Answer::Refused(refusal) => refusal,
                };
            }
        }
        let authorization = self.authorization().await;
        let subject = &self.subject;
        Err(refusal.explain(&self.host, subject, request.name, repeatable, &grant, authorization.credential()))
    }

    async fn regrant(&self, scopes: &[String], refusal: &Refusal, grant: &Grant) -> Result<Option<Grant>, Error> {
        let endpoint = self.endpoint().await?;
        let mut authorization = self.authorization().await;
        authorization.regrant(&self.context(endpoint), &refusal.challenges, grant, scopes).await
    }

    fn context<'a>(&'a self, endpoint: &'a Endpoint) -> Registry<'a> {
        Registry { transport: &self.transport, host: &self.host, subject: &self.subject, endpoint }
    }

    /// Sends a request with one authorization, redirects included.
    async fn attempt(&self, request: &mut Request, grant: &Grant) -> Result<Answer, Error> {
        let repeatable = request.payload.can_be_repeated();
        let (response, destination) = self.follow_redirects(request, grant).await?;
        match response.status() {
            status if !repeatable && request.follows(status) && response.headers().contains_key(LOCATION) => {
                let location = headers::text(response.headers(), LOCATION).unwrap_or_default();
                let registry = &self.endpoint().await?.base;
                Ok(Answer::Redirected(Destination::redirect(registry, destination.url(), location)?))
            }
            status if request.succeeds_with(status) => Ok(Answer::Success(response)),
            status if status.is_success() => {
                let expected: Vec<_> = request.success.iter().map(|status| status.as_str()).collect();
                let problem = format!("it is {status}, expected {}", expected.join(" or "));
                Err(Error::Protocol {
                    server: self.server(&destination),
                    request: request.name.clone().into(),
                    problem: problem.into(),
                })
            }
            _ => Ok(Answer::Refused(self.read_refusal(response, &destination, grant).await)),
        }
    }

    async fn follow_redirects(&self, request: &mut Request, grant: &Grant) -> Result<(Response, Destination), Error> {
        let registry = &self.endpoint().await?.base;
        let repeatable = request.payload.can_be_repeated();
        let mut destination = request.destination.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.transmit(request, &destination, grant).await?;
            match headers::text(response.headers(), LOCATION) {
                Some(location) if repeatable && request.follows(response.status()) => {
                    destination = Destination::redirect(registry, destination.url(), location)?;
                }
                _ => return Ok((response, destination)),
            }
        }
        let problem = format!("it redirects more than {MAX_REDIRECTS} times");
        Err(Error::Protocol { server: self.registry(), request: request.name.clone().into(), problem: problem.into() })
    }

    /// One request and the start of its answer, at once a second time where a kept connection broke before that.
    async fn transmit(
        &self,
        request: &mut Request,
        destination: &Destination,
        grant: &Grant,
    ) -> Result<Response, Error> {
        let (connections, header) = match destination.is_registry() {
            true => (self.http.clone(), grant.header.as_ref()),
            false => (self.transport.to_url(destination.url())?, None),
        };
        let (turn, way) = (connections.turn().await, connections.way());
        let mut result = self.transmit_once(way.client, request, destination, header).await;
        // Noted even where the request can't be repeated: its next try is for the caller.
        if matches!(result, Err(Error::Interrupted { .. })) && way.broke() && request.payload.can_be_repeated() {
            result = self.transmit_once(connections.way().client, request, destination, header).await;
        }
        turn.answered(result.as_ref().ok());
        result
    }

    async fn transmit_once(
        &self,
        http: &reqwest::Client,
        request: &mut Request,
        destination: &Destination,
        header: Option<&HeaderValue>,
    ) -> Result<Response, Error> {
        let mut builder = http.request(request.method.clone(), destination.url().clone());
        builder = builder.headers(request.headers.clone());
        if let Some(size) = request.payload.size().filter(|_| request.may_carry_content()) {
            builder = builder.header(CONTENT_LENGTH, size);
        }
        if let Some(header) = header {
            builder = builder.header(AUTHORIZATION, header);
        }
        let taking = self.options().idle_timeout;
        let answering = if request.uploads() { taking * COMMIT_TIMEOUT_FACTOR } else { taking };
        let (body, watch) =
            request.payload.start(IdleTimeouts { taking, answering }, request.taken.clone(), |content| {
                match self.transport.sending() {
                    Some(throttle) => throttle.limit(&self.host, content),
                    None => content,
                }
            });
        let name = || request.name.clone();
        let _waiting = waiting_for(self.server(destination).to_string().replace('`', ""));
        let span = RequestSpan::to_url(&request.method, destination.url());
        let sent = body.into_iter().fold(builder, reqwest::RequestBuilder::body).send().instrument(span.span());
        let result = tokio::select! {
            result = sent => result,
            timeout = watch.timed_out() => {
                span.failed("timeout");
                return Err(Error::Silent { server: self.server(destination), request: name().into(), timeout });
            }
        };
        match (result, watch.failure()) {
            (_, Some(BodyFailure::Stream(error))) => {
                span.failed("content");
                Err(Error::Body(error.into()))
            }
            (_, Some(BodyFailure::Length { expected, found })) => {
                span.failed("content");
                Err(Error::Length { request: name().into(), expected, found: found.into() })
            }
            (Ok(response), None) => {
                tracing::debug!("{} {}: {}", request.method, shown(destination.url()), response.status());
                span.answered(response.status().as_u16());
                Ok(match self.transport.receiving().filter(|_| request.method == Method::GET) {
                    Some(throttle) => throttle.limit_answer(&self.host, response),
                    None => response,
                })
            }
            (Err(error), None) => {
                span.failed("connection");
                Err(Failure::of(&error).into_error(self.server(destination), &request.name))
            }
        }
    }

    /// The server at a destination, as errors name it.
    fn server(&self, destination: &Destination) -> Server {
        match destination.is_registry() {
            true => self.registry(),
            false => Server::elsewhere(&self.host, destination.url()),
        }
    }

    async fn read_refusal(&self, response: Response, destination: &Destination, grant: &Grant) -> Refusal {
        let status = response.status();
        let challenges = Challenge::all(response.headers());
        let retry_after = retry_after::wait(response.headers(), SystemTime::now());
        let body = error_body::read(response).await;
        let authorization = self.authorization().await;
        let shown = grant.header.as_ref().map(secret_of).unwrap_or_default();
        let hide = [secret_in(authorization.credential()), shown];
        Refusal {
            status,
            is_registrys: destination.is_registry(),
            server: self.server(destination),
            body: ErrorBody::decode(&body, &hide),
            challenges,
            retry_after,
        }
    }
}
