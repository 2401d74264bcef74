//! Harbor's API: projects, and who an account is.

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
        // First of all: about projects Harbor answers whom it does not know like anybody, and says that there is none.
        refuse_unknown(&self.current()?)?;
        let query = format!("/api/v2.0/projects?project_name={}", percent_encoded(project));
        let response = self.request(Method::Head, &query).send()?;
        match (response.status, create) {
            (404, None) => {
                return Err(Failure::not_found(format!("project `{project}` does not exist in this Harbor"))
                    .hint("create it, or have it created with `--option create-project=true`"));
            }
            (403, None) => {
                return Ok(Some(format!(
                    "the account may not look up project `{project}`, so it was not checked; it may not exist"
                )));
            }
            // Some versions of Harbor answer 403 for what is missing.
            (403 | 404, Some(_)) => {}
            _ => {
                refused(&response)?;
                let path = format!("/api/v2.0/projects/{}", percent_encoded(project));
                let details = self.request(Method::Get, &path).header("x-is-resource-name", "true").send()?;
                takes_pushes(&details, project)?;
                return Ok(None);
            }
        }
        let body = json!({"project_name": project, "metadata": {"public": (create == Some(true)).to_string()}});
        let request = self.request(Method::Post, "/api/v2.0/projects").header("content-type", "application/json");
        let created = created(&request.body(body.to_string()).send()?, project)?;
        Ok(created.then(|| format!("project `{project}` was created")))
    }

    /// Whom Harbor takes the credentials for.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        user(&self.current()?, self.username)
    }

    /// The only question that is answered to no one but those whom Harbor knows.
    fn current(&self) -> Result<Response, Failure> {
        Ok(self.request(Method::Get, "/api/v2.0/users/current").send()?)
    }

    fn request(&self, method: Method, path: &str) -> Request<'a> {
        Request::new(method, format!("{}{path}", self.endpoint))
            .header("accept", "application/json")
            .header_of("authorization", vec!["Basic ".into(), Part::basic(self.username, self.secret)])
    }
}

/// Whom the answer to the question for the current user speaks of. To a robot, Harbor says only after it has let it in that
/// it is no user.
pub(crate) fn user(response: &Response, username: &str) -> Result<String, Failure> {
    if response.status == 412 {
        return Ok(format!("`{username}`, an account that is no user"));
    }
    refused(response)?;
    json_of(response)?.get("username").and_then(Value::as_str).map(str::to_owned).ok_or_else(no_json)
}

/// Stops whom Harbor does not know, and where it does not answer; what else it says does not matter to a push.
pub(crate) fn refuse_unknown(response: &Response) -> Result<(), Failure> {
    match response.status {
        401 | 408 | 429 | 500..=599 => refused(response),
        _ => Ok(()),
    }
}

/// Refuses a project that only caches another registry; who may not read the details has to let the push find out.
pub(crate) fn takes_pushes(response: &Response, project: &str) -> Result<(), Failure> {
    if response.status != 200 {
        return Ok(());
    }
    match json_of(response)?.get("registry_id").and_then(Value::as_i64) {
        Some(id) if id != 0 => {
            Err(Failure::denied(format!("project `{project}` is a proxy cache, which takes no pushes"))
                .hint("push to a project of your own"))
        }
        _ => Ok(()),
    }
}

/// What the answer to a creation says: whether this made the project. One that was there is a success.
pub(crate) fn created(response: &Response, project: &str) -> Result<bool, Failure> {
    match response.status {
        409 => Ok(false),
        403 => Err(Failure::denied(format!("the account may not create project `{project}`{}", said(response))).hint(
            "have an administrator create it, or use an account that may; of robots only those of the system may",
        )),
        _ => refused(response).map(|()| true),
    }
}

pub(crate) fn refused(response: &Response) -> Result<(), Failure> {
    if let Some(failure) = response.unavailable("Harbor", &words(response)) {
        return Err(failure);
    }
    let said = said(response);
    match response.status {
        200..=299 => Ok(()),
        401 => Err(Failure::unauthenticated(format!("Harbor does not accept the credentials{said}")).hint(
            "a robot's name has its prefix, e.g. `robot$ml+ci`, in single quotes for the shell; users of OIDC need the CLI secret",
        )),
        403 => Err(Failure::denied(format!("Harbor does not allow it{said}"))
            .hint("have a project administrator give the account the role `Developer`")),
        status => Err(Failure::other(format!("Harbor answered {status}{said}"))
            .hint("check the option `harbor-endpoint`; whoever runs Harbor can tell more")),
    }
}

/// Harbor's own words, behind a colon if there are any: answers to `HEAD` have none.
fn said(response: &Response) -> String {
    match words(response) {
        words if words.is_empty() => words,
        words => format!(": {words}"),
    }
}

fn words(response: &Response) -> String {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    body.pointer("/errors/0/message").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn json_of(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).ok().filter(Value::is_object).ok_or_else(no_json)
}

fn no_json() -> Failure {
    Failure::other("Harbor's API answered something else than expected").hint("check the option `harbor-endpoint`")
}

/// The connector lacks a field.
pub(crate) fn incomplete() -> Failure {
    Failure::invalid_input("the connector lacks its user name or its secret, expected both")
        .hint("run `crhost connector describe NAME` to see what it holds")
}
