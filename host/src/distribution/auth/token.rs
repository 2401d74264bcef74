//! Tokens of a registry's token server, by the distribution project's "Token Authentication Specification" (GET) and
//! "OAuth2 Token Authentication" (POST).

use std::time::{Duration, Instant, SystemTime};

use http::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::header::{basic, bearer};
use super::question::{Question, Unanswered};
use super::redact::{secret_in, secret_of};
use crate::bounded;
use crate::credential::Credential;
use crate::distribution::error::Error;
use crate::distribution::error_body::{self, ErrorBody};
use crate::distribution::server::Server;
use crate::distribution::status::StatusError;
use crate::distribution::subject::Subject;
use crate::distribution::wire::failure::Failure;
use crate::distribution::wire::transport::Transport;
use crate::distribution::wire::{headers, retry_after};
use crate::image::Host;
use crate::json;
use crate::waiting::waiting_for;

/// The client's name for token servers (a public OAuth 2 client; it has no secret).
const CLIENT: &str = "crhost";
/// The user name that stands for "the password is an identity token" in Docker's credential helpers.
const IDENTITY_USER: &str = "<token>";
/// Bytes of a token server's answer. Tokens with hundreds of groups in them reach 20 KiB; headers can't carry 64.
const MAX_ANSWER: usize = 64 * 1024;
/// Seconds that a token lives where the answer doesn't say so, by the specification.
const DEFAULT_LIFE: u64 = 60;
/// Seconds after which a token is asked for again even if it claims to live longer, so that revoked rights don't last.
const MAX_LIFE: u64 = 3600;

/// A token as a header, and when it must be replaced.
pub(crate) struct Token {
    pub(crate) header: HeaderValue,
    renew_at: Instant,
}

impl Token {
    /// Whether a quarter of its life is left, which a request's way and the registry's own clock may use up.
    pub(crate) fn is_fresh(&self) -> bool {
        Instant::now() < self.renew_at
    }
}

/// A request for a token.
pub(crate) struct TokenRequest<'a> {
    pub(crate) transport: &'a Transport,
    /// The registry that the token is for.
    pub(crate) host: &'a Host,
    /// What the token is for, as errors name it.
    pub(crate) subject: &'a Subject,
    /// The registry's own URL.
    pub(crate) registry: &'a Url,
    /// The token server.
    pub(crate) realm: &'a Url,
    pub(crate) service: Option<&'a str>,
    /// What the token is to allow; some servers honour only the first.
    pub(crate) scopes: &'a [String],
}

/// A token server's answer. Harbor writes both members of the token and fills one. Only a text is a token, so that
/// anything else in one member does not hide the other.
#[derive(Deserialize)]
struct Answer {
    #[serde(default, deserialize_with = "json::if_valid")]
    token: Option<Value>,
    #[serde(default, deserialize_with = "json::if_valid")]
    access_token: Option<Value>,
    #[serde(default, deserialize_with = "json::if_valid")]
    expires_in: Option<i64>,
}

impl TokenRequest<'_> {
    /// Fetches a token with these credentials.
    ///
    /// # Errors
    /// [`Error::NoCredentials`] and [`Error::WrongCredentials`] where the server refuses them.
    pub(crate) async fn fetch(&self, credential: &Credential) -> Result<Token, Error> {
        match credential {
            Credential::Anonymous => self.get(None, credential).await,
            Credential::Basic { username, password } => {
                self.get(Some(basic(self.host, username, password)?), credential).await
            }
            Credential::IdentityToken(token) => match self.post(token, credential).await {
                // Servers that know only the older protocol take the same token as a password. They answer POST with
                // whatever comes to their mind: 400, 401, 403, 404, 405, 501.
                Err(error @ (Error::Status(_) | Error::WrongCredentials { .. })) if !error.retry().is_possible() => {
                    match self.get(Some(basic(self.host, IDENTITY_USER, token)?), credential).await {
                        // The answer to the newer protocol says more about the token itself.
                        Err(Error::WrongCredentials { .. }) if matches!(error, Error::WrongCredentials { .. }) => {
                            Err(error)
                        }
                        answer => answer,
                    }
                }
                answer => answer,
            },
        }
    }

    async fn get(&self, basic: Option<HeaderValue>, credential: &Credential) -> Result<Token, Error> {
        let mut url = self.realm.clone();
        url.query_pairs_mut()
            .extend_pairs(self.service.map(|service| ("service", service)))
            .extend_pairs(self.scopes.iter().map(|scope| ("scope", scope)))
            .append_pair("client_id", CLIENT);
        let hidden = basic.as_ref().map(secret_of).unwrap_or_default().to_owned();
        let question = Question { url, authorization: basic, form: None };
        self.send(question, &[secret_in(credential), &hidden], credential).await
    }

    async fn post(&self, token: &SecretString, credential: &Credential) -> Result<Token, Error> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .extend_pairs(self.service.map(|service| ("service", service)))
            .append_pair("client_id", CLIENT)
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("refresh_token", token.expose_secret())
            .finish();
        let question = Question { url: self.realm.clone(), authorization: None, form: Some(form) };
        self.send(question, &[token.expose_secret()], credential).await
    }

    async fn send(&self, question: Question, hide: &[&str], credential: &Credential) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let _waiting = waiting_for(self.server().to_string().replace('`', ""));
        let timeout = self.transport.options().idle_timeout;
        let answered = tokio::time::timeout(timeout, async {
            let response = question.ask(self.transport, self.registry).await?;
            tracing::debug!("{}: {}", self.server(), response.status());
            if !response.status().is_success() {
                return Ok(Err(self.refused(response, hide, credential).await));
            }
            let is_compressed = headers::is_compressed(response.headers());
            let body = bounded::collect(response.bytes_stream(), MAX_ANSWER).await?;
            let body = if is_compressed { headers::decompressed(&body, MAX_ANSWER) } else { Some(body) };
            Ok(body.map_or_else(
                || Err(self.senseless("it can't be decompressed")),
                |body| self.understand(&body, asked_at),
            ))
        });
        match answered.await {
            Ok(Ok(token)) => token,
            Ok(Err(Unanswered::TooLarge)) => Err(self.senseless("it is too large for a token")),
            Ok(Err(Unanswered::Redirects)) => Err(self.senseless("it redirects without end")),
            Ok(Err(Unanswered::Refused(error))) => Err(error),
            Ok(Err(Unanswered::Failed(error))) => Err(Failure::of(&error).into_error(self.server(), &self.name())),
            Err(_) => Err(Error::Silent { server: self.server(), request: self.name().into(), timeout }),
        }
    }

    async fn refused(&self, response: reqwest::Response, hide: &[&str], credential: &Credential) -> Error {
        let anonymous = matches!(credential, Credential::Anonymous);
        let status = response.status();
        let retry_after = retry_after::wait(response.headers(), SystemTime::now());
        let body = ErrorBody::decode(&error_body::read(response).await, hide);
        match status.as_u16() {
            401 if anonymous => Error::NoCredentials { host: self.host.clone() },
            403 if anonymous => Error::Denied { host: self.host.clone(), request: self.name().into(), body },
            // OAuth 2 answers a refused grant with 400 (RFC 6749, section 5.2).
            400 | 401 | 403 => {
                Error::WrongCredentials { host: self.host.clone(), credentials: credential.to_string().into(), body }
            }
            _ => {
                let (server, request) = (self.server(), self.name());
                Box::new(StatusError { server, request: request.into(), status, body, retry_after }).into()
            }
        }
    }

    fn understand(&self, body: &[u8], asked_at: Instant) -> Result<Token, Error> {
        let answer: Answer = json::read(body).map_err(|_| self.senseless("it is no JSON with a token"))?;
        let token = [&answer.access_token, &answer.token].into_iter().find_map(|token| text(token.as_ref()));
        let token = token.ok_or_else(|| self.senseless("it holds no token"))?;
        let header = bearer(token).ok_or_else(|| self.senseless("its token holds characters that no header can"))?;
        // A missing, zero or negative number says nothing about the token's life.
        let life = answer.expires_in.and_then(|life| u64::try_from(life).ok()).filter(|life| *life > 0);
        let life = Duration::from_secs(life.unwrap_or(DEFAULT_LIFE).min(MAX_LIFE));
        Ok(Token { header, renew_at: asked_at + life * 3 / 4 })
    }

    fn server(&self) -> Server {
        Server::token_server(self.host, self.realm)
    }

    /// This request, as errors name it.
    fn name(&self) -> String {
        format!("the question for a token for {}", self.subject)
    }

    fn senseless(&self, problem: &str) -> Error {
        Error::Protocol { server: self.server(), request: self.name().into(), problem: problem.into() }
    }
}

/// A text with more than blanks, without those around it: servers that read a token from a file leave its line break.
fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().map(str::trim).filter(|text| !text.is_empty())
}
