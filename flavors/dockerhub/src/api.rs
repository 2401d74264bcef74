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

/// The operation that creates a repository with that token (Docker Hub's API, `CreateRepository`).
pub(crate) fn create() -> Operation {
    Operation::new("create-repository", "Creates a missing repository, where the option says so")
        .post()
        .at(ENDPOINT)
        .path("/v2/namespaces/*/repositories")
}

/// What a repository has to be, and whether a missing one is created, as the options say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Wanted {
    /// Whether a missing one is created, and then whether as a private one.
    create: Option<bool>,
    /// Whether the push stops unless the repository is known to be private.
    private: bool,
}

impl Wanted {
    /// The option that has a missing repository created.
    pub(crate) const CREATE: &'static str = "create-repository";
    /// The option that stops a push into a public one.
    pub(crate) const PRIVATE: &'static str = "require-private";

    /// Reads the options; fails if they contradict each other.
    pub(crate) fn of(options: &Options) -> Result<Self, Failure> {
        let create = options.get(Self::CREATE).filter(|value| *value != "no").map(|value| value == "private");
        let private = options.flag(Self::PRIVATE).unwrap_or(false);
        if create == Some(false) && private {
            return Err(Failure::invalid_input(format!(
                "option `{}` is `public`, and `{}` wants a private repository",
                Self::CREATE,
                Self::PRIVATE
            ))
            .hint(format!("write `--option {}=private`, or leave one of them out", Self::CREATE)));
        }
        Ok(Self { create, private })
    }

    /// A repository that can't be looked at: a note with the cause, or its failure where the repository has to be
    /// private.
    pub(crate) fn unchecked(self, repository: &str, cause: Failure) -> Result<Option<String>, Failure> {
        let why = &cause.message;
        match self.private {
            false => Ok(Some(format!("the repository `{repository}` was not checked: {why}"))),
            true => {
                let message = format!("whether the repository `{repository}` is private is not known: {why}");
                let hint = format!("`--option {}=false` pushes all the same", Self::PRIVATE);
                Err(Failure { message, ..cause }.hint(hint))
            }
        }
    }

    /// Refuses a repository that is not known to be private, where it has to be.
    fn check(self, repository: &Value, name: &str) -> Result<(), Failure> {
        match repository.get("is_private").and_then(Value::as_bool) {
            _ if !self.private => Ok(()),
            Some(true) => Ok(()),
            Some(false) => {
                Err(Failure::denied(format!("the repository `{name}` is public: everybody could pull what is pushed"))
                    .hint(format!(
                        "make it private in its settings on Docker Hub, or leave the option `{}` out",
                        Self::PRIVATE
                    )))
            }
            None => self.unchecked(name, Failure::other("Docker Hub does not say")).map(|_| ()),
        }
    }
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
    pub(crate) fn check(&self, repository: &str, wanted: Wanted) -> Result<Option<String>, Failure> {
        let unchecked = |cause: Failure| wanted.unchecked(repository, cause);
        let api = match self.sign_in() {
            Err(failure) if failure.kind == FailureKind::Unauthenticated || failure.retry_after.is_some() => {
                return Err(failure);
            }
            Err(failure) => return unchecked(failure),
            Ok(token) => Api::bearer(self.url.as_str(), token),
        };
        let Some((namespace, name)) = repository.split_once('/') else { return Ok(None) };
        let response = match api.get(&format!("/v2/namespaces/{namespace}/repositories/{name}")) {
            Ok(response) => response,
            Err(error) => return unchecked(error.into()),
        };
        let note = self::repository(&response, repository, wanted, clock::now())?;
        if response.status != 404 {
            return Ok(note);
        }
        if self.is_unknown(&api, namespace) {
            return Err(no_namespace(namespace));
        }
        match wanted.create {
            Some(private) => create_repository(&api, namespace, name, private, wanted),
            None if wanted.private => Err(Failure::not_found(format!(
                "the account sees no repository `{repository}`, and the push would create it with the privacy of its namespace"
            ))
            .hint(format!("`--option {}=private` has it created as a private one", Wanted::CREATE))),
            None => Ok(note),
        }
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

/// Creates a repository; gives a note. One that was created in the meantime has to be what is wanted, too.
fn create_repository(
    api: &Api<'_>,
    namespace: &str,
    name: &str,
    private: bool,
    wanted: Wanted,
) -> Result<Option<String>, Failure> {
    let body = json!({"namespace": namespace, "name": name, "is_private": private});
    let response = api.post(&format!("/v2/namespaces/{namespace}/repositories"), &body)?;
    let repository = format!("{namespace}/{name}");
    let said = SERVICE.said(&response);
    if let Some(failure) = unavailable(&response, clock::now()) {
        return Err(failure);
    }
    match response.status {
        200..=299 => {
            wanted.check(&response.json(), &repository)?;
            let privacy = if private { "private" } else { "public" };
            Ok(Some(format!("created repository `{repository}` on Docker Hub, {privacy}")))
        }
        // Docker Hub answers 400 for a name that is taken.
        400 | 409 if said.contains("already exists") || response.status == 409 => {
            let found = api.get(&format!("/v2/namespaces/{namespace}/repositories/{name}"))?;
            self::repository(&found, &repository, wanted, clock::now())
        }
        401 | 403 => Err(Failure::denied(format!("the account may not create `{repository}` on Docker Hub{said}"))
            .hint("an access token needs the scope to write; in an organisation, ask an owner; plans limit private repositories")),
        400 => Err(Failure::invalid_input(format!("Docker Hub does not create `{repository}`{said}"))
            .hint("plans limit how many private repositories a namespace has")),
        status => Err(Failure::other(format!("Docker Hub answered {status} to the creation of `{repository}`{said}"))
            .hint(SERVICE.hints.other)),
    }
}

/// Reads the answer about a repository: a note, or the reason why a push can't succeed or must not.
pub(crate) fn repository(response: &Response, name: &str, wanted: Wanted, now: u64) -> Result<Option<String>, Failure> {
    if let Some(failure) = unavailable(response, now).filter(|failure| failure.retry_after.is_some()) {
        return Err(failure);
    }
    match response.status {
        200..=299 if response.json().pointer("/permissions/write") == Some(&Value::Bool(false)) => {
            Err(Failure::denied(format!("the account has no permission `write` for `{name}` on Docker Hub"))
                .hint(SERVICE.hints.denied))
        }
        200..=299 => wanted.check(&response.json(), name).map(|()| None),
        404 => Ok(Some(format!(
            "the account sees no repository `{name}`: if there is none, the push creates it with the privacy of its \
             namespace"
        ))),
        status => {
            let said = format!("Docker Hub answered {status}{}", SERVICE.said(response));
            let cause = match status {
                401 => Failure::unauthenticated(said),
                403 => Failure::denied(said),
                409 => Failure::conflict(said),
                _ => unavailable(response, now).unwrap_or_else(|| Failure::other(said)),
            };
            wanted.unchecked(name, cause)
        }
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
