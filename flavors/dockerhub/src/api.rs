//! Docker Hub's API: permissions of accounts. The registry itself tells them only by refusing a push.

use crhost_flavor::http::{Api, Endpoint, Hints, Method, Request, Response, Service};
use crhost_flavor::{Connector, Failure, FailureKind, Operation, Options, Secret, clock, oauth};
use serde_json::{Value, json};

/// The API's address, and the option that names another.
pub(crate) const ENDPOINT: Endpoint = Endpoint { option: "hub-endpoint", address: "https://hub.docker.com" };

pub(crate) const SERVICE: Service<'_> = Service {
    name: "Docker Hub",
    credential: "the password",
    error_pointers: &["/message", "/detail"],
    option: ENDPOINT.option,
    hints: Hints {
        unauthenticated: "create an access token at `https://app.docker.com/settings` and update the connector",
        denied: "ask an owner of the repository for it, or push to a namespace of your own",
        other: "see `https://www.dockerstatus.com`, and check the option `hub-endpoint`",
    },
};

/// The operation that buys a short-lived token for the password.
pub(crate) fn sign_in() -> Operation {
    Operation::new("sign-in", "Signs in to Docker Hub's API, to check the account's permissions before a push")
        .post()
        .at(ENDPOINT)
        .path("/v2/auth/token")
        .body("identifier")
        .json_secret("secret", "password")
}

/// The operation with that token.
pub(crate) fn look_up() -> Operation {
    Operation::new("look-up", "Reads a repository and its namespace")
        .get()
        .at(ENDPOINT)
        .path("/v2/namespaces/*/repositories/*")
        .path("/v2/orgs/*")
        .path("/v2/users/*")
}

/// The API, with a user's password.
pub(crate) struct HubApi<'a> {
    url: String,
    username: &'a str,
    password: &'a Secret,
}

impl<'a> HubApi<'a> {
    /// The API at its own address, or at the one of the option.
    pub(crate) fn new(connector: &'a Connector, options: &Options) -> Result<Self, Failure> {
        let (username, password) = (connector.required_text("username")?, connector.required_secret("password")?);
        Ok(Self { url: ENDPOINT.url(options), username, password })
    }

    /// Checks the password, and the permission if the repository exists; gives a note.
    ///
    /// Fails only where Docker Hub refuses, or is busy and says for how long. An API that is out of reach stops
    /// nothing: the registry is another host.
    pub(crate) fn check(&self, repository: &str) -> Result<Option<String>, Failure> {
        let unchecked = |why: &str| Ok(Some(format!("the repository `{repository}` was not checked: {why}")));
        let api = match self.sign_in() {
            Err(failure) if failure.kind == FailureKind::Unauthenticated || failure.retry_after.is_some() => {
                return Err(failure);
            }
            Err(failure) => return unchecked(&failure.message),
            Ok(token) => Api::bearer(self.url.as_str(), token),
        };
        let Some((namespace, name)) = repository.split_once('/') else { return Ok(None) };
        let response = match api.get(&format!("/v2/namespaces/{namespace}/repositories/{name}")) {
            Ok(response) => response,
            Err(error) => return unchecked(&Failure::from(error).message),
        };
        let note = self::repository(&response, repository, clock::now())?;
        if response.status == 404 && self.is_unknown(&api, namespace) {
            return Err(no_namespace(namespace));
        }
        Ok(note)
    }

    /// Whether Docker Hub knows a namespace neither as an organisation nor as a user.
    fn is_unknown(&self, api: &Api<'_>, namespace: &str) -> bool {
        // The user that has just signed in exists.
        !namespace.eq_ignore_ascii_case(self.username)
            && ["orgs", "users"]
                .iter()
                .all(|kind| api.get(&format!("/v2/{kind}/{namespace}")).is_ok_and(|response| response.status == 404))
    }

    /// The API with a short-lived token for the password.
    pub(crate) fn signed_in(&self) -> Result<Api<'static>, Failure> {
        Ok(Api::bearer(self.url.as_str(), self.sign_in()?))
    }

    /// Proves the password.
    pub(crate) fn identify(&self) -> Result<String, Failure> {
        self.sign_in().map(|_| format!("{} at Docker Hub", self.username))
    }

    /// A short-lived token for the password.
    fn sign_in(&self) -> Result<String, Failure> {
        let response = Request::new(Method::Post, format!("{}/v2/auth/token", self.url))
            .header("accept", "application/json")
            .json_with_secret(&json!({"identifier": self.username}), "secret", self.password)
            .send()?;
        token(&response, self.username, clock::now())
    }
}

/// Reads the answer to a sign-in: a token.
pub(crate) fn token(response: &Response, username: &str, now: u64) -> Result<String, Failure> {
    if let Some(failure) = unavailable(response, now) {
        return Err(failure);
    }
    let said = SERVICE.said(response);
    match (response.status, oauth::token(&response.json(), "access_token")) {
        (200..=299, Some(token)) => Ok(token),
        (401, _) => {
            Err(Failure::unauthenticated(format!("Docker Hub does not accept the password of `{username}`{said}"))
                .hint(SERVICE.hints.unauthenticated))
        }
        (403, _) => Err(Failure::denied(format!("Docker Hub does not let `{username}` sign in{said}"))
            .hint(SERVICE.hints.unauthenticated)),
        (status, _) => {
            Err(Failure::other(format!("Docker Hub answered {status} to the sign-in{said}")).hint(SERVICE.hints.other))
        }
    }
}

/// Reads the answer about a repository: a note, or the reason why a push can't succeed.
pub(crate) fn repository(response: &Response, name: &str, now: u64) -> Result<Option<String>, Failure> {
    if let Some(failure) = unavailable(response, now).filter(|failure| failure.retry_after.is_some()) {
        return Err(failure);
    }
    match response.status {
        200..=299 if response.json().pointer("/permissions/write") == Some(&Value::Bool(false)) => {
            Err(Failure::denied(format!("the account has no permission `write` for `{name}` on Docker Hub"))
                .hint(SERVICE.hints.denied))
        }
        200..=299 => Ok(None),
        404 => Ok(Some(format!(
            "the account sees no repository `{name}`: if there is none, the push creates it with the privacy of its \
             namespace"
        ))),
        status => Ok(Some(format!(
            "the repository `{name}` was not checked: Docker Hub answered {status}{}",
            SERVICE.said(response)
        ))),
    }
}

/// The failure for a namespace that does not exist: the registry refuses a push there without a reason.
fn no_namespace(namespace: &str) -> Failure {
    Failure::not_found(format!("Docker Hub knows no organisation and no user `{namespace}`"))
        .hint("push to your own account's namespace or to an organisation's; `https://hub.docker.com/orgs` shows yours")
}

/// The failure of an API that can't answer now. Docker Hub says in Unix time when it can.
fn unavailable(response: &Response, now: u64) -> Option<Failure> {
    let failure = SERVICE.unavailable(response)?;
    let time: Option<u64> = response.header("x-retry-after").and_then(|time| time.trim().parse().ok());
    Some(match time {
        Some(time) => failure.retry_after(u32::try_from(time.saturating_sub(now)).unwrap_or(u32::MAX).max(1)),
        None => failure,
    })
}
