//! Harbor's API: projects, and who a user is.

use crhost_flavor::http::{Method, Part, Request, Response, percent_encoded};
use crhost_flavor::{Connector, Failure, Secret};
use serde_json::{Value, json};

/// The API, as an account sees it.
pub(crate) struct Api<'a> {
    endpoint: String,
    username: &'a str,
    secret: &'a Secret,
}

impl<'a> Api<'a> {
    pub(crate) fn new(connector: &'a Connector, endpoint: String) -> Result<Self, Failure> {
        let secret = connector.secret(crate::secret_of(&connector.method)).ok_or_else(incomplete)?;
        Ok(Self { endpoint, username: connector.text("username").ok_or_else(incomplete)?, secret })
    }

    /// Checks that a project exists and takes pushes; creates a missing one if `create` says whether as a public one.
    pub(crate) fn check(&self, project: &str, create: Option<bool>) -> Result<Option<String>, Failure> {
        let query = format!("/api/v2.0/projects?project_name={}", percent_encoded(project));
        let response = self.request(Method::Head, &query).send()?;
        match response.status {
            404 => {}
            403 => return Ok(Some(format!("the account may not look up project `{project}`, so it was not checked"))),
            _ => {
                refused(&response)?;
                let path = format!("/api/v2.0/projects/{}", percent_encoded(project));
                let details = self.request(Method::Get, &path).header("x-is-resource-name", "true").send()?;
                return takes_pushes(&details, project);
            }
        }
        let Some(public) = create else {
            return Err(Failure::not_found(format!("project `{project}` does not exist in this Harbor"))
                .hint("create it, or have it created with `--option create-project=true`"));
        };
        let body = json!({"project_name": project, "metadata": {"public": public.to_string()}}).to_string();
        let request = self.request(Method::Post, "/api/v2.0/projects").header("content-type", "application/json");
        created(&request.body(body).send()?, project)?;
        Ok(Some(format!("project `{project}` was created")))
    }

    /// Whom Harbor takes the credentials for.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        let response = self.request(Method::Get, "/api/v2.0/users/current").send()?;
        refused(&response)?;
        json_of(&response)?["username"].as_str().map(str::to_owned).ok_or_else(no_json)
    }

    fn request(&self, method: Method, path: &str) -> Request<'a> {
        Request::new(method, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Basic ".into(), Part::basic(self.username, self.secret)])
    }
}

/// Refuses a project that only caches another registry; who may not read the details has to let the push find out.
pub(crate) fn takes_pushes(response: &Response, project: &str) -> Result<Option<String>, Failure> {
    if response.status != 200 {
        return Ok(None);
    }
    match json_of(response)?["registry_id"].as_i64() {
        Some(id) if id != 0 => {
            Err(Failure::denied(format!("project `{project}` is a proxy cache, which takes no pushes"))
                .hint("push to a project of your own"))
        }
        _ => Ok(None),
    }
}

/// What the answer to a creation says; a project that was there is a success.
pub(crate) fn created(response: &Response, project: &str) -> Result<(), Failure> {
    match response.status {
        409 => Ok(()),
        403 => Err(Failure::denied(format!("the account may not create project `{project}`: {}", words(response)))
            .hint("have an administrator create it, or use an account that may")),
        _ => refused(response),
    }
}

pub(crate) fn refused(response: &Response) -> Result<(), Failure> {
    let words = words(response);
    if let Some(failure) = response.unavailable("Harbor", &words) {
        return Err(failure);
    }
    match response.status {
        200..=299 => Ok(()),
        401 => Err(Failure::unauthenticated(format!("Harbor does not accept the credentials: {words}")).hint(
            "a robot's name has its prefix, e.g. `robot$ml+ci`, in single quotes for the shell; users of OIDC need the CLI secret",
        )),
        403 => Err(Failure::denied(format!("Harbor does not allow it: {words}"))),
        status => Err(Failure::other(format!("Harbor answered {status}: {words}"))),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    body["errors"][0]["message"].as_str().unwrap_or("no reason given").to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).map_err(|_| no_json())
}

fn no_json() -> Failure {
    Failure::other("Harbor's API answered something else than expected").hint("check the option `harbor-endpoint`")
}

/// The connector lacks a field.
pub(crate) fn incomplete() -> Failure {
    Failure::invalid_input("the connector lacks its user name or its secret, expected both")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
