//! Requests to a platform for a token: by crhost's own proxies, names and TLS, to the address that the environment of
//! the job has, and to no other.

use std::time::Duration;

use http::StatusCode;
use reqwest::{Method, RequestBuilder};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::error::IdTokenError;
use super::hidden::without_tokens;
use crate::bounded::{self, ReadError};
use crate::network::{client, is_this_machine, request_words};
use crate::text::Escaped;
use crate::waiting::waiting_for;

/// Longest token, in bytes: those of jobs have one or two KiB, and a credential may have no more than this.
pub(super) const MAX_TOKEN: usize = 32 << 10;

/// Longest answer, in bytes: a token in JSON.
const MAX_ANSWER: usize = MAX_TOKEN + 4096;

/// Longest wait for an answer. A platform that is slower is asked again.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// Waits before a request is made again, where the platform does not answer or is busy.
const RETRIES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// Characters of the platform's words that are shown.
const MAX_SHOWN: usize = 300;

/// An address that a secret may be sent to.
pub(super) struct Endpoint(Url);

impl Endpoint {
    /// The address in a text: `https`, or `http` of this machine.
    ///
    /// # Errors
    /// When it is no such URL.
    pub(super) fn parse(platform: &'static str, text: &str) -> Result<Self, IdTokenError> {
        let shown = text.split(['?', '#']).next().unwrap_or_default();
        let wrong = || IdTokenError::Url { platform: platform.into(), url: Escaped::new(shown, 200) };
        let url = Url::parse(text).map_err(|_| wrong())?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_this_machine(&url) => Ok(Self(url)),
            _ => Err(wrong()),
        }
    }

    /// The URL, with its query.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

/// What a platform is asked with, and in which words its failures are told.
pub(super) struct Request<'a> {
    /// Its name.
    pub(super) platform: &'static str,
    /// The member of the answer that is the token, behind dots in members of others; empty where the whole answer is.
    pub(super) member: &'static str,
    /// The secret that authorizes the request.
    pub(super) bearer: Option<&'a str>,
    /// What to do where it is refused.
    pub(super) refused: &'static str,
}

/// An answer, before it is judged.
struct Answer {
    status: StatusCode,
    body: Zeroizing<Vec<u8>>,
}

impl Request<'_> {
    /// Asks with `GET`.
    pub(super) async fn get(self, url: Url) -> Result<SecretString, IdTokenError> {
        let client = self.client(&url)?;
        self.ask(&client, Method::GET, &url, &[], String::new()).await
    }

    /// Asks with `POST`, an empty body, and these headers.
    pub(super) async fn post(self, url: Url, headers: &[(&str, &str)]) -> Result<SecretString, IdTokenError> {
        let client = self.client(&url)?;
        self.ask(&client, Method::POST, &url, headers, String::new()).await
    }

    /// Asks with `POST` and JSON, by a client of the platform's own.
    pub(super) async fn post_json(
        self,
        client: reqwest::Client,
        url: Url,
        body: &Value,
    ) -> Result<SecretString, IdTokenError> {
        self.ask(&client, Method::POST, &url, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Asks a metadata address, which takes no request that a browser could send.
    pub(super) async fn metadata(self, url: Url) -> Result<SecretString, IdTokenError> {
        let client = self.client(&url)?;
        self.ask(&client, Method::GET, &url, &[("metadata-flavor", "Google")], String::new()).await
    }

    /// A client for an address. Metadata is never asked for through a proxy: it would be that of the proxy's machine.
    fn client(&self, url: &Url) -> Result<reqwest::Client, IdTokenError> {
        let is_metadata = self.bearer.is_none();
        client(url, Vec::new(), TIMEOUT, is_metadata).map_err(|reason| self.unreachable(url, reason))
    }

    async fn ask(
        &self,
        client: &reqwest::Client,
        method: Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<SecretString, IdTokenError> {
        let _waiting = waiting_for(format!("the id token of {}", self.platform));
        let mut retries = RETRIES.iter();
        loop {
            let mut request = client.request(method.clone(), url.clone());
            if method == Method::POST {
                request = request.header(http::header::CONTENT_LENGTH, body.len()).body(body.clone());
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(bearer) = self.bearer {
                request = request.bearer_auth(bearer).header(http::header::ACCEPT, "application/json");
            }
            let answer = self.send(request, url).await;
            let may_help = match &answer {
                Ok(Answer { status, .. }) => status.is_server_error() || status.as_u16() == 429,
                Err(error) => matches!(error, IdTokenError::Unreachable { .. }),
            };
            match retries.next().filter(|_| may_help) {
                Some(wait) => tokio::time::sleep(*wait).await,
                None => return self.token(answer?, host(url)),
            }
        }
    }

    async fn send(&self, request: RequestBuilder, url: &Url) -> Result<Answer, IdTokenError> {
        let answer = request.send().await.map_err(|error| self.unreachable(url, request_words(&error).into()))?;
        let status = answer.status();
        match bounded::collect(answer.bytes_stream(), MAX_ANSWER).await {
            Ok(body) => Ok(Answer { status, body: Zeroizing::new(body) }),
            Err(ReadError::TooLarge { limit }) => Err(IdTokenError::TooLong { platform: self.platform.into(), limit }),
            Err(ReadError::Failed(_)) => Err(self.unreachable(url, "its answer broke off".into())),
        }
    }

    fn unreachable(&self, url: &Url, reason: Escaped) -> IdTokenError {
        IdTokenError::Unreachable { platform: self.platform.into(), host: host(url), reason }
    }

    /// The token in an answer.
    fn token(&self, Answer { status, body }: Answer, host: Escaped) -> Result<SecretString, IdTokenError> {
        let is_html = body.trim_ascii_start().first() == Some(&b'<');
        if status.is_redirection() {
            // What authorizes the request goes to the address of the environment, and to no other.
            return Err(self.other("a redirect", host));
        }
        if !status.is_success() {
            let said = if is_html { "an HTML page".to_owned() } else { self.words(&body) };
            let said: Escaped = if said.is_empty() { said } else { format!(", {said}") }.into();
            let platform = self.platform.into();
            return Err(match status.is_server_error() {
                true => IdTokenError::Failed { platform, status, said },
                false => IdTokenError::Refused { platform, status, said, advice: self.refused.into() },
            });
        }
        if self.member.is_empty() && !is_html {
            let token = str::from_utf8(&body).map(str::trim).ok().filter(|token| !token.is_empty());
            return token.map(SecretString::from).ok_or_else(|| self.other("something", host));
        }
        let answer: Option<Value> = serde_json::from_slice(&body).ok();
        let member =
            answer.as_ref().and_then(|answer| self.member.split('.').try_fold(answer, |at, name| at.get(name)));
        match (member.and_then(Value::as_str), answer.is_some()) {
            (Some(token), _) if !token.is_empty() => Ok(token.into()),
            (_, true) => Err(self.other("other JSON", host)),
            (_, false) if is_html => Err(self.other("an HTML page", host)),
            (_, false) => Err(self.other("something", host)),
        }
    }

    fn other(&self, what: &'static str, host: Escaped) -> IdTokenError {
        IdTokenError::Answer { platform: self.platform.into(), what, member: self.member, host }
    }

    /// A platform's own words, as far as they are known to be words, and do not repeat what authorized the request.
    fn words(&self, body: &[u8]) -> String {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let said = ["message", "error_description", "error"].into_iter().find_map(|name| answer.get(name)?.as_str());
        let said = said.filter(|said| self.bearer.is_none_or(|bearer| !said.contains(bearer)));
        said.map(|said| Escaped::new(&without_tokens(said), MAX_SHOWN).to_string()).unwrap_or_default()
    }
}

/// The host of an address, as it is shown.
fn host(url: &Url) -> Escaped {
    url.host_str().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const REQUEST: Request<'_> =
        Request { platform: "GitHub Actions", member: "value", bearer: Some("r3quest"), refused: "ask" };

    fn judged(status: u16, body: &str) -> Result<String, String> {
        let answer =
            Answer { status: StatusCode::from_u16(status).unwrap(), body: Zeroizing::new(body.as_bytes().to_vec()) };
        let token = REQUEST.token(answer, "x.example".into());
        token.map(|token| token.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_is_a_token_or_told_in_one_line() {
        assert_eq!(judged(200, r#"{"count":1,"value":"a.b.c"}"#), Ok("a.b.c".to_owned()));
        for (status, body, words) in [
            (200, "<!doctype html><p>hi", "answered an HTML page in place of an id token, expected JSON with `value`"),
            (200, r#"{"value":""}"#, "answered other JSON in place of an id token, expected JSON with `value`"),
            (200, "", "answered something in place of an id token, expected JSON with `value`"),
            (403, r#"{"message":"not\nallowed"}"#, r"refused an id token: 403 Forbidden, not\nallowed"),
            (302, "", "answered a redirect in place of an id token, expected JSON with `value`"),
            (500, r#"{"message":"a eyJhbGciOi.x.y"}"#, "gave no id token: 500 Internal Server Error, a <hidden>"),
            (403, "<html>", "refused an id token: 403 Forbidden, an HTML page"),
            (401, r#"{"message":"`r3quest` is over"}"#, "refused an id token: 401 Unauthorized"),
        ] {
            assert_eq!(judged(status, body), Err(format!("GitHub Actions {words}")), "{body}");
        }
    }

    #[test]
    fn what_authorizes_a_request_is_sent_through_tls_or_to_this_machine() {
        for url in ["https://x.example/a?b=c", "http://127.0.0.1:1/a", "http://localhost/a"] {
            assert!(Endpoint::parse("x", url).is_ok(), "{url}");
        }
        for url in ["http://x.example/a?secret=1", "ftp://x.example", "x", ""] {
            let error = Endpoint::parse("x", url).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
