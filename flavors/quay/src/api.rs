//! Quay's API: repositories, and whose a token is.

use crhost_flavor::http::{Encoding, Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::{Value, json};

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

/// What the API says of a repository.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// It is there and takes pushes.
    Ready,
    /// There is none.
    Missing,
    /// The token may not know, with Quay's words.
    Hidden(String),
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, endpoint: String) -> Result<Self, Failure> {
        Ok(Self { endpoint, token: connector.secret("token").ok_or_else(no_token)? })
    }

    /// Checks that a repository takes pushes; creates a missing one if `create` says with which visibility.
    pub(crate) fn check(&self, namespace: &str, name: &str, create: Option<bool>) -> Result<Option<String>, Failure> {
        let repository = format!("{namespace}/{name}");
        let path = format!("/api/v1/repository/{}/{name}?includeTags=false", percent_encoded(namespace));
        let found = found(&self.get(&path)?, &repository)?;
        let unknown = match (found, create) {
            (Found::Ready, _) => return Ok(None),
            (Found::Missing, _) => {
                self.check_namespace(namespace)?;
                format!(
                    "the token sees no repository `{repository}`: the push creates it if the token may create in `{namespace}`"
                )
            }
            // Who may create in a namespace and read nothing there is told the same of what is missing.
            (Found::Hidden(words), _) => {
                format!("the token may not read repository `{repository}`, so it was not checked: {words}")
            }
        };
        let Some(public) = create else { return Ok(Some(unknown)) };
        let visibility = if public { "public" } else { "private" };
        let body = json!({"repository": name, "namespace": namespace, "visibility": visibility, "description": "",
            "repo_kind": "image"});
        let request = self.request(Method::Post, "/api/v1/repository");
        let response = request.header("content-type", "application/json").body(body.to_string()).send()?;
        Ok(created(&response, namespace)?.then(|| format!("repository `{repository}` was created, {visibility}")))
    }

    /// Refuses a namespace that is neither an organization nor a user: of that the registry itself says nothing but that
    /// it wants other credentials.
    fn check_namespace(&self, namespace: &str) -> Result<(), Failure> {
        for kind in ["organization", "users"] {
            if self.get(&format!("/api/v1/{kind}/{}", percent_encoded(namespace)))?.status != 404 {
                return Ok(());
            }
        }
        Err(Failure::not_found(format!("Quay knows no organization or user `{namespace}`"))
            .hint("create the organization on Quay first, or push to a namespace that is there"))
    }

    /// Whose token it is.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        let response = self.get("/api/v1/user/")?;
        refused(&response)?;
        json_of(&response)?.get("username").and_then(Value::as_str).map(str::to_owned).ok_or_else(no_json)
    }

    fn get(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.request(Method::Get, path).send()?)
    }

    fn request(&self, method: Method, path: &str) -> Request<'a> {
        Request::new(method, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Bearer ".into(), Part::secret(self.token, Encoding::Raw)])
    }
}

/// What the answer about a repository says; one that drops pushes is refused, as the registry would not say why.
pub(crate) fn found(response: &Response, repository: &str) -> Result<Found, Failure> {
    match response.status {
        404 => return Ok(Found::Missing),
        403 => return Ok(Found::Hidden(words(response))),
        _ => refused(response)?,
    }
    let body = json_of(response)?;
    match body.get("state").and_then(Value::as_str) {
        Some(state @ ("MIRROR" | "READ_ONLY" | "ORG_MIRROR")) => {
            Err(Failure::denied(format!("repository `{repository}` is in state `{state}`, which takes no pushes"))
                .hint("set its state to `Normal` in the repository's settings, or push to another"))
        }
        _ if body.get("can_write") == Some(&Value::Bool(false)) => {
            Err(Failure::denied(format!("the token may not write to repository `{repository}`"))
                .hint("give the token the permission `repo:write`, and its owner the role `Write` in the repository"))
        }
        _ => Ok(Found::Ready),
    }
}

/// What the answer to a creation says: whether this made the repository. One that was there is a success.
pub(crate) fn created(response: &Response, namespace: &str) -> Result<bool, Failure> {
    let words = words(response);
    match response.status {
        400 | 409 if words.contains("already exists") => Ok(false),
        403 => Err(Failure::denied(format!("the token may not create repositories in `{namespace}`: {words}"))
            .hint("give the token the permission `repo:create`, and its owner the role `Creator` in the organization")),
        402 => Err(Failure::denied(format!("`{namespace}` may have no more private repositories: {words}"))
            .hint("make room or upgrade the plan, or create it with `--option visibility=public`")),
        _ => refused(response).map(|()| true),
    }
}

fn refused(response: &Response) -> Result<(), Failure> {
    let words = words(response);
    if let Some(failure) = response.unavailable("Quay", &words) {
        return Err(failure);
    }
    match response.status {
        200..=299 => Ok(()),
        401 => Err(Failure::unauthenticated(format!("Quay does not accept the token: {words}"))
            .hint("create an OAuth access token and update the connector")),
        403 => Err(Failure::denied(format!("Quay does not allow it: {words}"))
            .hint("give the token the permissions `repo:read`, `repo:write`, `repo:create` and `user:read`")),
        status => Err(Failure::other(format!("Quay answered {status}: {words}"))
            .hint("see `https://status.quay.io`, and check the option `quay-endpoint`")),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let said =
        ["error_message", "message", "detail"].into_iter().find_map(|name| body.get(name).and_then(Value::as_str));
    said.unwrap_or("no reason given").to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).ok().filter(Value::is_object).ok_or_else(no_json)
}

fn no_json() -> Failure {
    Failure::other("Quay's API answered something else than expected").hint("check the option `quay-endpoint`")
}

/// The connector has no token.
pub(crate) fn no_token() -> Failure {
    Failure::invalid_input("the connector lacks `token`")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
