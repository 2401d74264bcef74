//! GitLab's API: projects, and whose a token is.

use crhost_flavor::http::{Encoding, Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::Value;

/// The least access level that may push: that of the role `Developer`.
const DEVELOPER: u64 = 30;

/// What kind of token it is, which decides the header and what it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A personal, project or group access token.
    Access,
    /// The token of a CI job, which opens little more than what there is to know about the job.
    Job,
}

/// The API, as the owner of a token sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    kind: Kind,
    token: &'a Secret,
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, kind: Kind, endpoint: String) -> Result<Self, Failure> {
        Ok(Self { endpoint, kind, token: connector.secret("token").ok_or_else(no_token)? })
    }

    /// Checks that the project that an image belongs to exists and has a registry, as far as the token may know.
    pub(crate) fn check(&self, image: &[&str]) -> Result<Option<String>, Failure> {
        if self.kind == Kind::Job {
            return own_project(&self.get("/api/v4/job")?, image);
        }
        let mut words = String::new();
        for project in projects(image) {
            let response = self.get(&format!("/api/v4/projects/{}", percent_encoded(&project)))?;
            if response.status != 404 {
                return has_registry(&response, &project);
            }
            words = self::words(&response);
        }
        Err(Failure::not_found(format!("no project holds `{}`, or the token can't see it: {words}", image.join("/")))
            .hint("create the project on GitLab first; an image is named `group/project` and at most two more names"))
    }

    /// Whose token it is.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        match self.kind {
            Kind::Access => {
                let response = self.get("/api/v4/user")?;
                refused(&response)?;
                json_of(&response)?.get("username").and_then(Value::as_str).map(str::to_owned).ok_or_else(no_json)
            }
            Kind::Job => {
                let response = self.get("/api/v4/job")?;
                refused(&response)?;
                job(&json_of(&response)?).ok_or_else(no_json)
            }
        }
    }

    fn get(&self, path: &str) -> Result<Response, Failure> {
        let header = match self.kind {
            Kind::Access => "private-token",
            Kind::Job => "job-token",
        };
        let request =
            Request::new(Method::Get, format!("{}{path}", self.endpoint)).header("accept", "application/json");
        Ok(request.header_of(header, vec![Part::secret(self.token, Encoding::Raw)]).send()?)
    }
}

/// The projects that an image's path may mean, longest first: a project has a group, and at most two names below it.
pub(crate) fn projects(image: &[&str]) -> Vec<String> {
    let lengths = (image.len().saturating_sub(2).max(2)..=image.len()).rev();
    lengths.filter_map(|length| image.get(..length)).map(|project| project.join("/")).collect()
}

/// Refuses a project whose registry is switched off; a role that is too low is a note, as groups may be invited too.
pub(crate) fn has_registry(response: &Response, project: &str) -> Result<Option<String>, Failure> {
    if response.status == 403 {
        return Ok(Some(format!("project `{project}` was not checked: {}", words(response))));
    }
    refused(response)?;
    let body = json_of(response)?;
    if body.get("container_registry_access_level").is_some_and(|level| level == "disabled")
        || body.get("container_registry_enabled") == Some(&Value::Bool(false))
    {
        return Err(Failure::denied(format!("project `{project}` has its container registry switched off"))
            .hint("switch it on in the project's settings, under `Visibility, project features, permissions`"));
    }
    let level = |of: &str| body.pointer(&format!("/permissions/{of}/access_level")).and_then(Value::as_u64);
    let level = level("project_access").max(level("group_access"));
    Ok(level
        .filter(|level| *level < DEVELOPER)
        .map(|_| format!("the token's role in project `{project}` is lower than `Developer`, which it takes to push")))
}

/// Compares the project of a job with an image: other projects have to have allowed it.
pub(crate) fn own_project(response: &Response, image: &[&str]) -> Result<Option<String>, Failure> {
    if matches!(response.status, 403 | 404) {
        return Ok(Some(format!("the project was not checked: {}", words(response))));
    }
    refused(response)?;
    let body = json_of(response)?;
    let url = body.get("web_url").and_then(Value::as_str).unwrap_or_default();
    let own = url.split_once("://").and_then(|(_, rest)| rest.split_once("/-/")).map(|(place, _)| place.to_lowercase());
    Ok(own.filter(|own| !projects(image).iter().any(|project| own.ends_with(&format!("/{project}")))).map(|own| {
        format!(
            "the token is of a job of `{own}`: other projects take it only if their job token allowlist has that one"
        )
    }))
}

/// Which job it is.
fn job(body: &Value) -> Option<String> {
    let (id, name) = (body.get("id").and_then(Value::as_u64)?, body.get("name").and_then(Value::as_str)?);
    let user =
        body.pointer("/user/username").and_then(Value::as_str).map(|user| format!(" of {user}")).unwrap_or_default();
    Some(format!("job `{name}` ({id}){user}"))
}

fn refused(response: &Response) -> Result<(), Failure> {
    let words = words(response);
    if let Some(failure) = response.unavailable("GitLab", &words) {
        return Err(failure);
    }
    match response.status {
        200..=299 => Ok(()),
        401 => Err(Failure::unauthenticated(format!("GitLab does not accept the token: {words}"))
            .hint("create an access token and update the connector; a job's token ends with the job")),
        403 => Err(Failure::denied(format!("GitLab does not allow it: {words}"))
            .hint("give the token the scopes `read_api` and `write_registry`")),
        status => Err(Failure::other(format!("GitLab answered {status}: {words}"))
            .hint("see `https://status.gitlab.com`, and check the option `gitlab-endpoint`")),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let said =
        ["message", "error_description", "error"].into_iter().find_map(|name| body.get(name).and_then(Value::as_str));
    said.unwrap_or("no reason given").to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).ok().filter(Value::is_object).ok_or_else(no_json)
}

fn no_json() -> Failure {
    Failure::other("GitLab's API answered something else than expected").hint("check the option `gitlab-endpoint`")
}

/// The connector has no token.
pub(crate) fn no_token() -> Failure {
    Failure::invalid_input("the connector lacks `token`")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
