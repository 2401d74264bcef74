//! Harbor's API: projects, and the account of a connector.

use crhost_flavor::http::{Api, Hints, Method, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Image, Operation};
use serde_json::{Value, json};

/// The option that names another API.
pub(crate) const ENDPOINT: &str = "harbor-endpoint";

pub(crate) const SERVICE: Service<'_> = Service {
    name: "Harbor",
    credential: "the credentials",
    error_pointers: &["/errors/0/message"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "a robot's name has its prefix, e.g. `robot$ml+ci`, in single quotes for the shell; users of OIDC \
                          need the CLI secret",
        denied: "have a project administrator give the account the role `Developer`",
        other: "check the option `harbor-endpoint`; whoever runs Harbor can tell more",
    },
};

/// What a missing project is created as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewProject {
    /// Whether everybody may pull from it.
    pub(crate) public: bool,
    /// Its quota in bytes; Harbor's default if `None`.
    pub(crate) storage_limit: Option<u64>,
}

/// The API, with an account's credentials.
pub(crate) struct HarborApi<'a> {
    api: Api<'a>,
    username: &'a str,
}

/// The field that holds the secret of an auth method.
pub(crate) fn secret_field(method: &str) -> &'static str {
    match method {
        "robot" => "token",
        "user" => "secret",
        _ => "password",
    }
}

/// An operation with the secret of an auth method, without a method and paths.
pub(crate) fn operation(name: &str, summary: &str, method: &str) -> Operation {
    let operation = Operation::new(name, summary).host("https://{registry}").endpoint(ENDPOINT);
    operation.basic(secret_field(method))
}

/// The operations with the secret of an auth method.
pub(crate) fn operations(method: &str) -> [Operation; 5] {
    let operation = |name, summary| operation(name, summary, method);
    [
        operation("identify", "Asks whose the credentials are").get().path("/api/v2.0/users/current"),
        operation("check-project", "Reads the project of an image before a push")
            .get()
            .head()
            .path("/api/v2.0/projects")
            .path("/api/v2.0/projects/*")
            .query("project_name")
            .header("x-is-resource-name"),
        operation("check-quota", "Reads how much of its quota the project of an image uses")
            .get()
            .path("/api/v2.0/projects/*/summary")
            .header("x-is-resource-name"),
        operation("check-tag", "Reads whether the tag of an image is immutable")
            .get()
            .path("/api/v2.0/projects/*/repositories/*/artifacts/*/tags")
            .query_of("with_immutable_status", ["true"])
            .query_of("page_size", ["100"]),
        operation("create-project", "Creates a missing project, where the option says so")
            .post()
            .path("/api/v2.0/projects"),
    ]
}

impl<'a> HarborApi<'a> {
    /// The API at a URL without `/api/v2.0`.
    pub(crate) fn new(connector: &'a Connector, url: String) -> Result<Self, Failure> {
        let username = connector.required_text("username")?;
        let secret = connector.required_secret(secret_field(&connector.method))?;
        Ok(Self { api: Api::basic(url, username, secret), username })
    }

    /// The API alone.
    pub(crate) fn into_api(self) -> Api<'a> {
        self.api
    }

    /// Checks that the project of an image exists and takes pushes, and gives notes; creates a missing project if
    /// `create` says as what.
    pub(crate) fn check(
        &self,
        project: &str,
        image: &Image,
        create: Option<NewProject>,
    ) -> Result<Vec<String>, Failure> {
        // First of all: to unknown accounts Harbor answers questions about projects as to anonymous ones, with 404.
        refuse_unknown(&self.current()?)?;
        let query = format!("/api/v2.0/projects?project_name={}", percent_encoded(project));
        let response = self.api.request(Method::Head, &query).send()?;
        match (response.status, create) {
            (404, None) => Err(Failure::not_found(format!("project `{project}` does not exist in this Harbor"))
                .hint("create it, or have it created with `--option create-project=true`")),
            (403, None) => Ok(vec![format!(
                "the account may not look up project `{project}`, so it was not checked; it may not exist"
            )]),
            // Some versions of Harbor answer 403 for a missing project.
            (403 | 404, Some(new)) => Ok(self.create(project, new)?.into_iter().collect()),
            _ => {
                SERVICE.check(&response)?;
                let path = format!("/api/v2.0/projects/{}", percent_encoded(project));
                let details = self.api.request(Method::Get, &path).header("x-is-resource-name", "true").send()?;
                takes_pushes(&details, project)?;
                let summary = format!("{path}/summary");
                // An account that may not know lets the push find out.
                let quota = match self.api.request(Method::Get, &summary).header("x-is-resource-name", "true").send() {
                    Ok(summary) => quota(&summary, project)?,
                    Err(_) => None,
                };
                let tag = image.tag.as_deref().and_then(|tag| self.check_tag(&image.repository, tag));
                Ok(quota.into_iter().chain(tag).collect())
            }
        }
    }

    /// The note about a tag that exists and is immutable (Harbor's API, `ListTags`), since Harbor would refuse another
    /// image under it once all layers are there (`src/server/middleware/immutable/pushmf.go`). An account that may not
    /// know lets the push find out.
    fn check_tag(&self, repository: &str, tag: &str) -> Option<String> {
        let path = format!("{}/artifacts/{}/tags", repository_path(repository)?, percent_encoded(tag));
        let tags = self.api.get(&format!("{path}?with_immutable_status=true&page_size=100")).ok()?;
        immutable(&tags, repository, tag)
    }

    fn create(&self, project: &str, new: NewProject) -> Result<Option<String>, Failure> {
        let mut body = json!({"project_name": project, "metadata": {"public": new.public.to_string()}});
        if let (Some(body), Some(limit)) = (body.as_object_mut(), new.storage_limit) {
            body.insert("storage_limit".to_owned(), json!(limit));
        }
        let created = created(&self.api.post("/api/v2.0/projects", &body)?, project)?;
        Ok(created.then(|| format!("project `{project}` was created")))
    }

    /// The account's name.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        user(&self.current()?, self.username)
    }

    /// Asks for the current user: the only question that Harbor does not answer to anonymous ones.
    fn current(&self) -> Result<Response, Failure> {
        Ok(self.api.get("/api/v2.0/users/current")?)
    }
}

/// Reads the answer to the question for the current user. A robot gets 412 once Harbor has accepted its credentials: it
/// is not a user.
pub(crate) fn user(response: &Response, username: &str) -> Result<String, Failure> {
    match response.status {
        412 => Ok(format!("`{username}`, an account that is no user")),
        _ => SERVICE.text(response, "/username"),
    }
}

/// Fails for credentials that Harbor does not know, and where it can't answer; any other answer does not matter to a
/// push.
pub(crate) fn refuse_unknown(response: &Response) -> Result<(), Failure> {
    match response.status {
        401 | 408 | 429 | 500..=599 => SERVICE.check(response),
        _ => Ok(()),
    }
}

/// Refuses a project that only caches another registry. An account that may not read the details lets the push find
/// out.
pub(crate) fn takes_pushes(response: &Response, project: &str) -> Result<(), Failure> {
    if response.status != 200 {
        return Ok(());
    }
    match SERVICE.object(response)?.get("registry_id").and_then(Value::as_i64) {
        Some(id) if id != 0 => {
            Err(Failure::denied(format!("project `{project}` is a proxy cache, which takes no pushes"))
                .hint("push to a project of your own"))
        }
        _ => Ok(()),
    }
}

/// Reads how much of a project's quota is used (Harbor's API, `ProjectSummary`): a note, or a refusal if nothing is
/// left, since Harbor would refuse the manifest once all layers are there. -1 is no quota.
pub(crate) fn quota(response: &Response, project: &str) -> Result<Option<String>, Failure> {
    let summary = response.json();
    let bytes = |of: &str| summary.pointer(&format!("/quota/{of}/storage")).and_then(Value::as_i64);
    let (Some(hard), Some(used)) = (bytes("hard"), bytes("used")) else { return Ok(None) };
    if response.status != 200 || hard <= 0 {
        return Ok(None);
    }
    match hard - used {
        ..=0 => Err(Failure::denied(format!("project `{project}` uses all of its quota of {}", shown(hard))).hint(
            "delete images (`crhost prune`) and have Harbor collect garbage, or have an administrator raise the quota",
        )),
        left => Ok(Some(format!("project `{project}` has {} left of its quota of {}", shown(left), shown(hard)))),
    }
}

/// Reads the tags of an image: a note if this one is immutable.
pub(crate) fn immutable(response: &Response, repository: &str, tag: &str) -> Option<String> {
    let tags = response.json();
    let is_it = |entry: &&Value| entry.get("name").and_then(Value::as_str) == Some(tag);
    let found = tags.as_array()?.iter().find(is_it).filter(|_| response.status == 200)?;
    (found.get("immutable") == Some(&Value::Bool(true)))
        .then(|| format!("tag `{tag}` of `{repository}` is immutable: Harbor takes no other image under it"))
}

/// The path of a repository in the API, which takes a repository's slashes encoded twice; `None` for a project alone.
pub(crate) fn repository_path(repository: &str) -> Option<String> {
    let (project, name) = repository.split_once('/')?;
    let name = percent_encoded(&percent_encoded(name));
    Some(format!("/api/v2.0/projects/{}/repositories/{name}", percent_encoded(project)))
}

/// A number of bytes as it is read.
fn shown(bytes: i64) -> String {
    const UNITS: [(&str, i64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} bytes"),
    }
}

/// Reads the answer to a creation: whether it created the project. One that existed already is a success.
pub(crate) fn created(response: &Response, project: &str) -> Result<bool, Failure> {
    match response.status {
        409 => Ok(false),
        403 => Err(Failure::denied(format!(
            "the account may not create project `{project}`{}",
            SERVICE.said(response)
        ))
        .hint("have an administrator create it, or use an account that may; of robots only those of the system may")),
        _ => SERVICE.check(response).map(|()| true),
    }
}
