//! Docker Hub's API: who may push where. The registry itself tells only when it refuses.

use crhost_flavor::http::{Encoding, Method, NoResponse, Part, Request, Response};
use crhost_flavor::{Connector, Failure, FailureKind, Options, Secret, clock};
use serde_json::Value;

use crate::ENDPOINT;

/// Where it is.
pub(crate) const DEFAULT: &str = "https://hub.docker.com";

/// The API, as the owner of a password sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    username: &'a str,
    password: &'a Secret,
}

impl<'a> Api<'a> {
    /// The API where an option says, or where it is for everyone.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        let (Some(username), Some(password)) = (connector.text("username"), connector.secret("password")) else {
            return Err(Failure::invalid_input("the connector lacks `username` or `password`, expected both")
                .hint("run `crhost connector describe NAME` to see what it holds"));
        };
        let endpoint = options.url(ENDPOINT)?.unwrap_or_else(|| DEFAULT.to_owned());
        Ok(Self { endpoint, username, password })
    }

    /// Checks the password, and the permission where the repository exists; gives a note.
    ///
    /// Fails only where Docker Hub says so, or is busy and says when it no longer is. An API that is out of reach stops
    /// nothing: the registry is another host.
    pub(crate) fn check(&self, repository: &str) -> Result<Option<String>, Failure> {
        let unchecked = |why: &str| Ok(Some(format!("the repository `{repository}` was not checked: {why}")));
        let token = match self.sign_in() {
            Err(failure) if failure.kind == FailureKind::Unauthenticated || failure.retry_after.is_some() => {
                return Err(failure);
            }
            Err(failure) => return unchecked(&failure.message),
            Ok(token) => token,
        };
        let Some((namespace, name)) = repository.split_once('/') else { return Ok(None) };
        let response = match self.get(&token, &format!("/v2/namespaces/{namespace}/repositories/{name}")) {
            Ok(response) => response,
            Err(error) => return unchecked(&Failure::from(error).message),
        };
        let said = self::repository(&response, repository, clock::now())?;
        if response.status == 404 && self.is_nobody_s(&token, namespace) {
            return Err(no_namespace(namespace));
        }
        Ok(said)
    }

    /// Whether Docker Hub says that a namespace is neither an organisation's nor a user's.
    fn is_nobody_s(&self, token: &str, namespace: &str) -> bool {
        // Whoever has just signed in is somebody.
        !namespace.eq_ignore_ascii_case(self.username)
            && ["orgs", "users"].iter().all(|kind| {
                self.get(token, &format!("/v2/{kind}/{namespace}")).is_ok_and(|response| response.status == 404)
            })
    }

    fn get(&self, token: &str, path: &str) -> Result<Response, NoResponse> {
        Request::new(Method::Get, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header("authorization", format!("Bearer {token}"))
            .send()
    }

    /// Proves the password.
    pub(crate) fn identify(&self) -> Result<String, Failure> {
        self.sign_in().map(|_| format!("{} at Docker Hub", self.username))
    }

    /// A short-lived token for the password.
    fn sign_in(&self) -> Result<String, Failure> {
        let response = Request::new(Method::Post, format!("{}/v2/auth/token", self.endpoint))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(format!("{{\"identifier\":{},\"secret\":\"", Value::from(self.username)))
            .body(Part::secret(self.password, Encoding::JsonString))
            .body("\"}")
            .send()?;
        token(&response, self.username, clock::now())
    }
}

/// The token of a sign-in.
pub(crate) fn token(response: &Response, username: &str, now: u64) -> Result<String, Failure> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let words = words(&body);
    if let Some(failure) = unavailable(response, words, now) {
        return Err(failure);
    }
    let said = said(words);
    // It becomes a header, which takes no more than printable characters.
    let token = body
        .get("access_token")
        .and_then(Value::as_str)
        .filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
    match (response.status, token) {
        (200..=299, Some(token)) if !token.is_empty() => Ok(token.to_owned()),
        (401, _) => {
            Err(Failure::unauthenticated(format!("Docker Hub does not accept the password of `{username}`{said}"))
                .hint("create an access token at `https://app.docker.com/settings` and update the connector"))
        }
        (status, _) => Err(Failure::other(format!("Docker Hub answered {status} to the sign-in{said}"))
            .hint("see `https://www.dockerstatus.com`, and check the option `hub-endpoint`")),
    }
}

/// What the answer about a repository says: a note, or why a push can't succeed.
pub(crate) fn repository(response: &Response, name: &str, now: u64) -> Result<Option<String>, Failure> {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    if let Some(failure) = unavailable(response, words(&body), now).filter(|failure| failure.retry_after.is_some()) {
        return Err(failure);
    }
    match response.status {
        200..=299 if body.pointer("/permissions/write") == Some(&Value::Bool(false)) => {
            Err(Failure::denied(format!("the account has no permission `write` for `{name}` on Docker Hub"))
                .hint("ask an owner of the repository for it, or push to a namespace of your own"))
        }
        200..=299 => Ok(None),
        404 => Ok(Some(format!(
            "the account sees no repository `{name}`: if there is none, the push creates it with the privacy of its namespace"
        ))),
        status => Ok(Some(format!(
            "the repository `{name}` was not checked: Docker Hub answered {status}{}",
            said(words(&body))
        ))),
    }
}

/// A push to a namespace that nobody has is refused without a word about what is missing.
pub(crate) fn no_namespace(namespace: &str) -> Failure {
    Failure::not_found(format!("Docker Hub knows no organisation and no user `{namespace}`"))
        .hint("push to your own account's namespace or to an organisation's; `https://hub.docker.com/orgs` shows yours")
}

/// The failure of an API that can't answer now. Docker Hub says when to come back as Unix time.
fn unavailable(response: &Response, words: &str, now: u64) -> Option<Failure> {
    let failure = response.unavailable("Docker Hub", words)?;
    let time: Option<u64> = response.header("x-retry-after").and_then(|time| time.trim().parse().ok());
    Some(match time {
        Some(time) => failure.retry_after(u32::try_from(time.saturating_sub(now)).unwrap_or(u32::MAX).max(1)),
        None => failure,
    })
}

fn words(body: &Value) -> &str {
    ["message", "detail"].iter().find_map(|name| body.get(name)?.as_str()).unwrap_or_default()
}

/// Docker Hub's own words, behind a colon if there are any.
fn said(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(": {words}") }
}
