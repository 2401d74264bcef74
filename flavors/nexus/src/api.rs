//! Nexus's API: repositories (<https://help.sonatype.com/en/repositories-api.html>; the same requests as in the
//! Terraform provider `datadrivers/nexus`).

use crhost_flavor::http::{Api, Hints, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation, Options};
use serde_json::{Value, json};

/// The option that names another API.
pub(crate) const ENDPOINT: &str = "nexus-endpoint";

const SERVICE: Service<'_> = Service {
    name: "Nexus",
    credential: "the credentials",
    error_pointers: &["/message", "/0/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "update the connector; where users log in elsewhere, create a user token in the profile",
        denied: "have an administrator give the user the privilege `nx-repository-view-docker-*-*`",
        other: "check the option `nexus-endpoint`; whoever runs Nexus can tell more",
    },
};

/// Path of the API of hosted repositories.
const HOSTED: &str = "/service/rest/v1/repositories/docker/hosted";

/// Path of the list of all repositories that the user may see.
const LIST: &str = "/service/rest/v1/repositories";

/// The fields that hold name and secret of an auth method.
pub(crate) fn fields(method: &str) -> (&'static str, &'static str) {
    match method {
        "user-token" => ("name-code", "pass-code"),
        _ => ("username", "password"),
    }
}

/// The operations with the secret of an auth method.
pub(crate) fn operations(method: &str) -> [Operation; 3] {
    let operation = |name, summary| {
        Operation::new(name, summary).host("https://{registry}").endpoint(ENDPOINT).basic(fields(method).1)
    };
    [
        operation("check-repository", "Reads the repository of an image before a push")
            .get()
            .path(format!("{HOSTED}/*")),
        operation("list-repositories", "Lists the repositories, where the user may not read that one").get().path(LIST),
        operation("create-repository", "Creates a missing hosted repository, where the option says so")
            .post()
            .path(HOSTED),
    ]
}

/// How clients reach a repository, which it has to be created with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Route {
    /// By its name in front of the path.
    Path,
    /// By the first label of the host.
    Subdomain(String),
    /// By a port of Nexus, which may not be the one that users see.
    Port,
}

/// The way to a repository of a registry's canonical URI.
pub(crate) fn route(uri: &str, repository: &str) -> Route {
    let mut parts = uri.split('/');
    let host = parts.next().unwrap_or_default();
    if parts.next() == Some(repository) {
        return Route::Path;
    }
    match host.split(['.', ':']).next() {
        Some(label) if label == repository => Route::Subdomain(label.to_owned()),
        _ => Route::Port,
    }
}

/// The name of an image's repository in Nexus: that of the option, or the first component of the registry's URI.
pub(crate) fn repository<'a>(options: &'a Options, uri: &'a str) -> Option<&'a str> {
    options.get("repository").or_else(|| uri.split('/').nth(1))
}

/// The API, with an account's credentials.
pub(crate) struct NexusApi<'a>(Api<'a>);

impl<'a> NexusApi<'a> {
    /// The API at a URL without `/service/rest`.
    pub(crate) fn new(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        let (name, secret) = fields(&connector.method);
        Ok(Self(Api::basic(url, connector.required_text(name)?, connector.required_secret(secret)?)))
    }

    /// Checks that a repository takes pushes, and gives a note; creates a missing one that is reached by `create`.
    pub(crate) fn check(&self, name: &str, create: Option<&Route>) -> Result<Option<String>, Failure> {
        let response = self.0.get(&format!("{HOSTED}/{}", percent_encoded(name)))?;
        if !matches!(response.status, 403 | 404) {
            return hosted(&response, name);
        }
        // Users who may push need no right to read the configuration; all see the names of what they may use.
        let Some(note) = listed(&self.0.get(LIST)?, name)? else { return Ok(None) };
        let Some(route) = create else { return Ok(Some(note)) };
        let body = wish(name, route)?;
        Ok(created(&self.0.post(HOSTED, &body)?, name)?.then(|| format!("the hosted repository `{name}` was created")))
    }
}

/// Reads the configuration of a hosted repository: a note, or none.
pub(crate) fn hosted(response: &Response, name: &str) -> Result<Option<String>, Failure> {
    let repository = SERVICE.object(response)?;
    if repository.get("online") == Some(&Value::Bool(false)) {
        return Err(Failure::unavailable(format!("repository `{name}` is set offline in Nexus"))
            .hint("have an administrator set it online"));
    }
    match repository.pointer("/storage/writePolicy").and_then(Value::as_str).map(str::to_uppercase).as_deref() {
        Some("DENY") => {
            Err(Failure::denied(format!("repository `{name}` is read-only: its deployment policy is `DENY`"))
                .hint("have an administrator change the deployment policy, or push to another repository"))
        }
        Some("ALLOW_ONCE") => {
            Ok(Some(format!("repository `{name}` takes each tag once: a push to one that exists fails")))
        }
        _ => Ok(None),
    }
}

/// Reads the list of repositories: nothing to say about one that takes pushes, and a note about one that is not listed.
pub(crate) fn listed(response: &Response, name: &str) -> Result<Option<String>, Failure> {
    if response.status == 403 {
        let said = SERVICE.said(response);
        return Ok(Some(format!("whether repository `{name}` exists was not checked: it may not be looked at{said}")));
    }
    SERVICE.check(response)?;
    let body = response.json();
    let all = body.as_array().ok_or_else(|| SERVICE.unreadable())?;
    let text = |repository: &Value, member: &str| repository.get(member).and_then(Value::as_str).map(str::to_owned);
    let Some(found) = all.iter().find(|repository| text(repository, "name").as_deref() == Some(name)) else {
        return Ok(Some(format!("the user sees no repository `{name}`: it is missing, or the push will be denied")));
    };
    match (text(found, "format").as_deref(), text(found, "type").as_deref()) {
        (Some("docker") | None, Some("proxy")) => {
            Err(Failure::denied(format!("repository `{name}` is a proxy, which takes no pushes"))
                .hint("push to a hosted repository"))
        }
        (Some("docker") | None, Some("group")) => Ok(Some(format!(
            "repository `{name}` is a group, which takes pushes only in Nexus Repository Pro and with a writable member"
        ))),
        (Some("docker") | None, _) => Ok(None),
        (Some(format), _) => {
            Err(Failure::invalid_input(format!("repository `{name}` is of the format `{format}`, expected `docker`"))
                .hint("push to a hosted repository of the format docker"))
        }
    }
}

/// The wish for a hosted repository.
fn wish(name: &str, route: &Route) -> Result<Value, Failure> {
    let docker = match route {
        Route::Path => json!({"v1Enabled": false, "forceBasicAuth": true, "pathEnabled": true}),
        Route::Subdomain(label) => json!({"v1Enabled": false, "forceBasicAuth": true, "subdomain": label}),
        Route::Port => {
            return Err(Failure::invalid_input(format!(
                "repository `{name}` can't be created: neither the host nor the path of the registry has its name"
            ))
            .hint("create it in Nexus, with the port that its clients use"));
        }
    };
    let storage = json!({"blobStoreName": "default", "strictContentTypeValidation": true, "writePolicy": "ALLOW"});
    Ok(json!({"name": name, "online": true, "storage": storage, "docker": docker}))
}

/// Reads the answer to a creation: whether it created the repository. One that existed already is a success.
pub(crate) fn created(response: &Response, name: &str) -> Result<bool, Failure> {
    let said = SERVICE.said(response);
    match response.status {
        400 if said.contains("already used") || said.contains("already exists") => Ok(false),
        403 => Err(Failure::denied(format!("the user may not create repository `{name}`{said}")).hint(
            "have an administrator create it, or use a user with the privilege `nx-repository-admin-docker-*-add`",
        )),
        _ => SERVICE.check(response).map(|()| true),
    }
}
