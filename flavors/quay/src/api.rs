//! Quay's API: repositories, and whose a token is.

use crhost_flavor::http::{Encoding, Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::{Value, json};

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, endpoint: String) -> Result<Self, Failure> {
        Ok(Self { endpoint, token: connector.secret("token").ok_or_else(no_token)? })
    }

    /// Checks that a repository takes pushes; creates a missing one if `create` says with which visibility.
    pub(crate) fn check(&self, namespace: &str, name: &str, create: Option<bool>) -> Result<Option<String>, Failure> {
        let path = format!("/api/v1/repository/{}/{name}", percent_encoded(namespace));
        let response = self.request(Method::Get, &path).send()?;
        if response.status != 404 {
            return state(&response, &format!("{namespace}/{name}"));
        }
        let Some(public) = create else {
            return Ok(Some(format!(
                "the token sees no repository `{namespace}/{name}`: the push creates it if the namespace exists and the token may create there"
            )));
        };
        let visibility = if public { "public" } else { "private" };
        let body = json!({"repository": name, "namespace": namespace, "visibility": visibility, "description": "",
            "repo_kind": "image"});
        let request = self.request(Method::Post, "/api/v1/repository");
        created(&request.header("content-type", "application/json").body(body.to_string()).send()?, namespace)?;
        Ok(Some(format!("repository `{namespace}/{name}` is there, {visibility} if it was created")))
    }

    /// Whose token it is.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        let response = self.request(Method::Get, "/api/v1/user/").send()?;
        refused(&response)?;
        json_of(&response)?["username"].as_str().map(str::to_owned).ok_or_else(no_json)
    }

    fn request(&self, method: Method, path: &str) -> Request<'a> {
        Request::new(method, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Bearer ".into(), Part::secret(self.token, Encoding::Raw)])
    }
}

/// Refuses a repository whose state drops pushes.
pub(crate) fn state(response: &Response, repository: &str) -> Result<Option<String>, Failure> {
    if response.status == 403 {
        return Ok(Some(format!("the token may not read repository `{repository}`, so it was not checked")));
    }
    refused(response)?;
    match json_of(response)?["state"].as_str() {
        Some(state @ ("MIRROR" | "READ_ONLY" | "ORG_MIRROR")) => {
            Err(Failure::denied(format!("repository `{repository}` is in state `{state}`, which takes no pushes"))
                .hint("set its state to `Normal` in the repository's settings, or push to another"))
        }
        _ => Ok(None),
    }
}

/// What the answer to a creation says; a repository that was there is a success.
pub(crate) fn created(response: &Response, namespace: &str) -> Result<(), Failure> {
    let words = words(response);
    match response.status {
        200..=299 => Ok(()),
        400 | 409 if words.contains("already exists") => Ok(()),
        403 => Err(Failure::denied(format!("the token may not create repositories in `{namespace}`: {words}"))
            .hint("give the token the permission `repo:create`")),
        _ => refused(response),
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
        403 => Err(Failure::denied(format!("Quay does not allow it: {words}"))),
        status => Err(Failure::other(format!("Quay answered {status}: {words}"))),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let said = ["error_message", "message", "detail"].into_iter().find_map(|name| body[name].as_str());
    said.unwrap_or("no reason given").to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).map_err(|_| no_json())
}

fn no_json() -> Failure {
    Failure::other("Quay's API answered something else than expected").hint("check the option `quay-endpoint`")
}

/// The connector has no token.
pub(crate) fn no_token() -> Failure {
    Failure::invalid_input("the connector lacks `token`")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
