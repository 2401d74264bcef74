//! Tokens of a registry's token server, by the distribution project's "Token Authentication Specification" (GET) and
//! "OAuth2 Token Authentication" (POST).

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::error::Error;
use super::probe::named;
use super::retry_after;
use super::send::{ERROR_BODY, read_start};
use super::transport::{Failure, Transport, failure};
use super::words::Words;
use crate::credential::Credential;
use crate::image::{Host, Repository};

/// Who we are to token servers (a public OAuth 2 client; it has no secret).
const CLIENT: &str = "crhost";
/// The user name that stands for "the password is an identity token" in Docker's credential helpers.
const IDENTITY_USER: &str = "<token>";
/// Of a token server's answer. Tokens with hundreds of groups in them reach 20 KiB; headers can't carry 64.
const MAX_ANSWER: usize = 64 * 1024;
/// What the specification says where the answer doesn't.
const DEFAULT_LIFE: u64 = 60;
/// A token that claims to live longer is asked for again anyway, so that what was revoked doesn't last.
const MAX_LIFE: u64 = 3600;

/// A token as a header, and when it must be replaced.
pub(super) struct Token {
    pub(super) header: HeaderValue,
    renew_at: Instant,
}

impl Token {
    /// Whether a quarter of its life is left, which a request's way and the registry's own clock may use up.
    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.renew_at
    }
}

/// A question to a token server.
pub(super) struct TokenRequest<'a> {
    pub(super) transport: &'a Transport,
    pub(super) host: &'a Host,
    pub(super) repository: &'a Repository,
    pub(super) realm: &'a Url,
    pub(super) service: Option<&'a str>,
    /// What the token is for; some servers honour only the first.
    pub(super) scopes: &'a [String],
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<i64>,
}

impl TokenRequest<'_> {
    /// Asks for a token with these credentials.
    pub(super) async fn fetch(&self, credential: &Credential) -> Result<Token, Error> {
        match credential {
            Credential::Anonymous => self.get(None, credential).await,
            Credential::Basic { username, password } => {
                self.get(Some(basic(self.host, username, password)?), credential).await
            }
            Credential::IdentityToken(token) => match self.post(token).await {
                // Servers that know only the older protocol take the same token as a password.
                Err(Error::Status { status: StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, .. }) => {
                    self.get(Some(basic(self.host, IDENTITY_USER, token)?), credential).await
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
        let request = self.transport.to_url(&url)?.get(url);
        let hidden = basic.as_ref().map(secret_of).unwrap_or_default().to_owned();
        let anonymous = basic.is_none();
        let request = basic.into_iter().fold(request, |request, header| request.header(AUTHORIZATION, header));
        self.send(request, &[secret_in(credential), &hidden], anonymous).await
    }

    async fn post(&self, token: &SecretString) -> Result<Token, Error> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "refresh_token")
            .extend_pairs(self.service.map(|service| ("service", service)))
            .append_pair("client_id", CLIENT)
            .append_pair("scope", &self.scopes.join(" "))
            .append_pair("refresh_token", token.expose_secret())
            .finish();
        let request = self.transport.to_url(self.realm)?.post(self.realm.clone());
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        self.send(request, &[token.expose_secret()], false).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, hide: &[&str], anonymous: bool) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let patience = self.transport.options().patience;
        let whole = async {
            let mut response = request.header(ACCEPT, "application/json").send().await?;
            let body = match response.status().is_success() {
                true => read_answer(&mut response).await?,
                false => read_start(&mut response, ERROR_BODY).await,
            };
            reqwest::Result::Ok((response, body))
        };
        let (response, body) = match tokio::time::timeout(patience, whole).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(self.unreachable(failure(&error))),
            Err(_) => return Err(Error::Silent { server: self.server(), what: self.what(), patience }),
        };
        let status = response.status();
        tracing::debug!("{}: {status}", self.server());
        if status.is_success() {
            return self.understand(&body, asked_at);
        }
        let words = Words::decode(&body, hide);
        let (host, repository) = (self.host.to_string(), self.repository.to_string());
        match status.as_u16() {
            401 | 403 if anonymous => Err(Error::NoCredentials { host, repository }),
            // OAuth 2 answers a refused grant with 400 (RFC 6749, section 5.2).
            400 | 401 | 403 => Err(Error::WrongCredentials { host, words }),
            _ => {
                let retry_after = retry_after::wait(response.headers(), std::time::SystemTime::now());
                Err(Error::Status { server: self.server(), what: self.what(), status, words, retry_after })
            }
        }
    }

    fn understand(&self, body: &[u8], asked_at: Instant) -> Result<Token, Error> {
        // What the parser says could quote the token.
        let answer: Answer = serde_json::from_slice(body).map_err(|_| self.senseless("it is no JSON with a token"))?;
        let token = answer.access_token.or(answer.token).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| self.senseless("it holds no token"))?;
        let header = sensitive("Bearer", &token);
        let header = header.ok_or_else(|| self.senseless("its token holds characters that no header can"))?;
        // Nothing, zero and negative numbers say nothing about a token's life.
        let life = answer.expires_in.and_then(|life| u64::try_from(life).ok()).filter(|life| *life > 0);
        let life = Duration::from_secs(life.unwrap_or(DEFAULT_LIFE).min(MAX_LIFE));
        Ok(Token { header, renew_at: asked_at + life * 3 / 4 })
    }

    fn server(&self) -> String {
        let name = self.realm.host_str().unwrap_or_default();
        format!("token server `{name}` of {}", named(self.host))
    }

    fn what(&self) -> String {
        format!("the question for a token for `{}`", self.repository)
    }

    fn senseless(&self, problem: &str) -> Error {
        Error::Protocol { server: self.server(), what: self.what(), problem: problem.to_owned() }
    }

    fn unreachable(&self, failure: Failure) -> Error {
        let host = self.realm.host_str().unwrap_or_default().to_owned();
        match failure {
            Failure::Tls(cause) => Error::Tls { server: self.server(), host, cause },
            Failure::NotTls(cause) | Failure::Connect(cause) => Error::Unreachable { server: self.server(), cause },
            Failure::Broken(cause) => Error::Interrupted { server: self.server(), what: self.what(), cause },
        }
    }
}

/// The whole answer, or the start of one that is too long to be honest.
async fn read_answer(response: &mut reqwest::Response) -> reqwest::Result<Vec<u8>> {
    let mut answer = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        answer.extend(chunk.iter().take(MAX_ANSWER - answer.len()));
        if answer.len() == MAX_ANSWER {
            break;
        }
    }
    Ok(answer)
}

/// The header for HTTP Basic (RFC 7617).
pub(super) fn basic(host: &Host, username: &str, password: &SecretString) -> Result<HeaderValue, Error> {
    // A colon would move the rest of the name into the password.
    let pair = (!username.contains(':')).then(|| format!("{username}:{}", password.expose_secret()));
    let header = pair.and_then(|pair| sensitive("Basic", &BASE64_STANDARD.encode(pair)));
    header.ok_or_else(|| Error::Unanswerable {
        host: host.to_string(),
        wanted: "a name and a password".to_owned(),
        given: "a name that holds a colon",
    })
}

/// The part of a credential that must not be seen.
pub(super) fn secret_in(credential: &Credential) -> &str {
    match credential {
        Credential::Anonymous => "",
        Credential::Basic { password: secret, .. } | Credential::IdentityToken(secret) => secret.expose_secret(),
    }
}

/// The part of an `Authorization` header that must not be seen.
pub(super) fn secret_of(header: &HeaderValue) -> &str {
    header.to_str().ok().and_then(|text| text.split_once(' ')).map(|(_, secret)| secret).unwrap_or_default()
}

fn sensitive(scheme: &str, secret: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("{scheme} {secret}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}
