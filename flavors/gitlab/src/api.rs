//! GitLab's API: projects, and whose a token is.

use crhost_flavor::http::{Encoding, Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::Value;

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    token: &'a Secret,
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, endpoint: String) -> Result<Self, Failure> {
        Ok(Self { endpoint, token: connector.secret("token").ok_or_else(no_token)? })
    }

    /// Checks that the project that an image belongs to exists and has a registry.
    pub(crate) fn check(&self, image: &[&str]) -> Result<Option<String>, Failure> {
        for project in projects(image) {
            let response = self.get(&format!("/api/v4/projects/{}", percent_encoded(&project)))?;
            if response.status != 404 {
                return has_registry(&response, &project);
            }
        }
        Err(Failure::not_found(format!("no project holds `{}`, or the token can't see it", image.join("/")))
            .hint("create the project on GitLab first; an image is named `group/project` and at most two more names"))
    }

    /// Whose token it is.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        let response = self.get("/api/v4/user")?;
        refused(&response)?;
        json_of(&response)?["username"].as_str().map(str::to_owned).ok_or_else(no_json)
    }

    fn get(&self, path: &str) -> Result<Response, Failure> {
        let request =
            Request::new(Method::Get, format!("{}{path}", self.endpoint)).header("accept", "application/json");
        Ok(request.header_of("private-token", vec![Part::secret(self.token, Encoding::Raw)]).send()?)
    }
}

/// The projects that an image's path may mean, longest first: a project has a group, and at most two names below it.
pub(crate) fn projects(image: &[&str]) -> Vec<String> {
    let lengths = (image.len().saturating_sub(2).max(2)..=image.len()).rev();
    lengths.filter_map(|length| image.get(..length)).map(|project| project.join("/")).collect()
}

/// Refuses a project whose registry is switched off.
pub(crate) fn has_registry(response: &Response, project: &str) -> Result<Option<String>, Failure> {
    if response.status == 403 {
        return Ok(Some(format!("project `{project}` was not checked: {}", words(response))));
    }
    refused(response)?;
    let body = json_of(response)?;
    if body["container_registry_access_level"] == "disabled" || body["container_registry_enabled"] == false {
        return Err(Failure::denied(format!("project `{project}` has its container registry switched off"))
            .hint("switch it on in the project's settings, under `Visibility, project features, permissions`"));
    }
    Ok(None)
}

fn refused(response: &Response) -> Result<(), Failure> {
    let words = words(response);
    if let Some(failure) = response.unavailable("GitLab", &words) {
        return Err(failure);
    }
    match response.status {
        200..=299 => Ok(()),
        401 => Err(Failure::unauthenticated(format!("GitLab does not accept the token: {words}"))
            .hint("create an access token and update the connector")),
        403 => Err(Failure::denied(format!("GitLab does not allow it: {words}"))),
        status => Err(Failure::other(format!("GitLab answered {status}: {words}"))),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let said = ["message", "error_description", "error"].into_iter().find_map(|name| body[name].as_str());
    said.unwrap_or("no reason given").to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).map_err(|_| no_json())
}

fn no_json() -> Failure {
    Failure::other("GitLab's API answered something else than expected").hint("check the option `gitlab-endpoint`")
}

/// The connector has no token.
pub(crate) fn no_token() -> Failure {
    Failure::invalid_input("the connector lacks `token`")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
