//! GitLab's API: projects, and the owner of a token.

use crhost_flavor::http::{Api, Hints, Response, Service, percent_encoded};
use crhost_flavor::{Connector, Failure, Operation};
use serde_json::Value;

use crate::pattern;

/// The GitLab behind `registry.gitlab.com`.
pub(crate) const GITLAB_COM: &str = "https://gitlab.com";

/// The option that names another GitLab.
pub(crate) const ENDPOINT: &str = "gitlab-endpoint";

/// The least access level that may push: that of the role `Developer`.
const DEVELOPER: u64 = 30;

/// The roles that a rule may ask for, and their levels.
const ROLES: [(&str, u64); 3] = [("maintainer", 40), ("owner", 50), ("admin", 60)];

pub(crate) const SERVICE: Service<'_> = Service {
    name: "GitLab",
    credential: "the token",
    error_pointers: &["/message", "/error_description", "/error"],
    option: ENDPOINT,
    hints: Hints {
        unauthenticated: "create an access token and update the connector; a job's token ends with the job",
        denied: "give the token the scopes `read_api` and `write_registry`",
        other: "see `https://status.gitlab.com`, and check the option `gitlab-endpoint`",
    },
};

/// The kind of a token: it decides the header, and what the token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A personal, project or group access token.
    Access,
    /// The token of a CI job, which opens little more than the description of the job.
    Job,
}

impl Kind {
    /// The header that a token of this kind goes into.
    fn header(self) -> &'static str {
        match self {
            Self::Access => "private-token",
            Self::Job => "job-token",
        }
    }

    /// A request with a token of this kind, without paths.
    fn get(self, name: &str, summary: &str) -> Operation {
        let operation = Operation::new(name, summary).get().host(GITLAB_COM).endpoint(ENDPOINT);
        operation.header_secret(self.header(), "", "token")
    }

    /// The list of the repositories of a group or a project.
    pub(crate) fn list(self) -> Operation {
        let operation = self.get("list-repositories", "Lists the repositories of a group or a project");
        let operation = operation.path("/api/v4/groups/*/registry/repositories");
        operation.path("/api/v4/projects/*/registry/repositories").query("per_page").query("page")
    }

    /// The operations with a token of this kind.
    pub(crate) fn operations(self) -> Vec<Operation> {
        let operation = |name, summary, path: &str| self.get(name, summary).path(path);
        match self {
            Self::Access => vec![
                operation("check-project", "Reads the project of an image before a push", "/api/v4/projects/*"),
                operation(
                    "check-protection",
                    "Reads which repositories of the project are protected from pushes",
                    "/api/v4/projects/*/registry/protection/repository/rules",
                ),
                operation(
                    "check-tag-protection",
                    "Reads which tags of the project are protected from pushes",
                    "/api/v4/projects/*/registry/protection/tag/rules",
                ),
                operation("identify", "Asks whose the token is", "/api/v4/user"),
            ],
            Self::Job => vec![operation("identify", "Asks which job and project the token is of", "/api/v4/job")],
        }
    }
}

/// The API, with a token.
pub(crate) struct GitLabApi<'a> {
    api: Api<'a>,
    kind: Kind,
}

impl<'a> GitLabApi<'a> {
    /// The API at a URL without `/api/v4`.
    pub(crate) fn new(connector: &'a Connector, kind: Kind, url: String) -> Result<Self, Failure> {
        Ok(Self { api: Api::with_token_header(url, kind.header(), connector.required_secret("token")?), kind })
    }

    /// Gets what is at a path.
    pub(crate) fn get(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.api.get(path)?)
    }

    /// Checks that the project of an image exists and has a registry, as far as the token may know; gives notes. Where
    /// the environment alone names GitLab (`by_job`), one that can't be asked stops nothing: users need not have
    /// granted it.
    pub(crate) fn check(&self, image: &[&str], tag: Option<&str>, by_job: bool) -> Result<Vec<String>, Failure> {
        if self.kind == Kind::Job {
            let job = match self.api.get("/api/v4/job") {
                Err(error) if by_job => {
                    let why = Failure::from(error).message;
                    return Ok(vec![format!(
                        "the project was not checked: {why}; `--allow-secret-host $CI_SERVER_URL` when registering the \
                         registry lets it be asked"
                    )]);
                }
                job => job?,
            };
            return Ok(own_project(&job, image)?.into_iter().collect());
        }
        let mut said = String::new();
        for project in projects(image) {
            let response = self.api.get(&format!("/api/v4/projects/{}", percent_encoded(&project)))?;
            if response.status != 404 {
                if let Some(note) = has_registry(&response, &project)? {
                    return Ok(vec![note]);
                }
                // Only maintainers may read the rules; the registry keeps them for everybody.
                let rules = |of: &str| {
                    let project = percent_encoded(&project);
                    self.api.get(&format!("/api/v4/projects/{project}/registry/protection/{of}/rules")).ok()
                };
                let repository = rules("repository").and_then(|rules| protected(&rules, &response, &image.join("/")));
                let tag = tag.and_then(|tag| protected_tag(&rules("tag")?, &response, tag));
                return Ok(repository.into_iter().chain(tag).collect());
            }
            said = SERVICE.said(&response);
        }
        Err(Failure::not_found(format!("no project holds `{}`, or the token can't see it{said}", image.join("/")))
            .hint("create the project on GitLab first; an image is named `group/project` and at most two more names"))
    }

    /// The token's owner.
    pub(crate) fn user(&self) -> Result<String, Failure> {
        match self.kind {
            Kind::Access => SERVICE.text(&self.api.get("/api/v4/user")?, "/username"),
            Kind::Job => {
                let job = SERVICE.object(&self.api.get("/api/v4/job")?)?;
                self::job(&job).ok_or_else(|| SERVICE.unreadable())
            }
        }
    }
}

/// The projects that an image's path may belong to, longest first: an image has at most two names below its project,
/// and a project has a group.
pub(crate) fn projects(image: &[&str]) -> Vec<String> {
    let lengths = (image.len().saturating_sub(2).max(2)..=image.len()).rev();
    lengths.filter_map(|length| image.get(..length)).map(|project| project.join("/")).collect()
}

/// Refuses a project whose registry is switched off. A role that is too low is a note, since a group that was invited
/// may allow more.
pub(crate) fn has_registry(response: &Response, project: &str) -> Result<Option<String>, Failure> {
    if response.status == 403 {
        return Ok(Some(format!("project `{project}` was not checked{}", SERVICE.said(response))));
    }
    let body = SERVICE.object(response)?;
    if body.get("container_registry_access_level").is_some_and(|level| level == "disabled")
        || body.get("container_registry_enabled") == Some(&Value::Bool(false))
    {
        return Err(Failure::denied(format!("project `{project}` has its container registry switched off"))
            .hint("switch it on in the project's settings, under `Visibility, project features, permissions`"));
    }
    Ok(level(&body)
        .filter(|level| *level < DEVELOPER)
        .map(|_| format!("the token's role in project `{project}` is lower than `Developer`, which it takes to push")))
}

/// The note about a rule that protects a repository from the token's role (GitLab's API, "Container repository
/// protection rules"): the role's level may come from a group that was invited, so that the registry decides.
pub(crate) fn protected(rules: &Response, project: &Response, image: &str) -> Option<String> {
    let own = level(&project.json())?;
    let rules = rules.json();
    let mut matching = rules.as_array()?.iter().filter_map(|rule| {
        let pattern = rule.get("repository_path_pattern")?.as_str()?;
        let role = rule.get("minimum_access_level_for_push")?.as_str()?;
        let needed = ROLES.iter().find(|(name, _)| *name == role)?.1;
        (matches(pattern, image) && own < needed).then(|| (pattern.to_owned(), role.to_owned()))
    });
    let (pattern, role) = matching.next()?;
    Some(format!(
        "the rule `{pattern}` protects this repository: it takes the role `{role}` to push, which the token's is below"
    ))
}

/// The note about a rule that protects a tag from the token's role, or from everybody once it is there (GitLab's API,
/// "Container registry protection tag rules"; a rule of immutable tags names no level).
pub(crate) fn protected_tag(rules: &Response, project: &Response, tag: &str) -> Option<String> {
    let own = level(&project.json());
    let rules = rules.json();
    rules.as_array()?.iter().find_map(|rule| {
        let pattern = rule.get("tag_name_pattern")?.as_str().filter(|pattern| pattern::matches(pattern, tag))?;
        match rule.get("minimum_access_level_for_push")?.as_str() {
            None => Some(format!("tags that match `{pattern}` are immutable: GitLab takes `{tag}` once")),
            Some(role) => {
                let needed = ROLES.iter().find(|(name, _)| *name == role)?.1;
                (own? < needed).then(|| {
                    format!("the rule `{pattern}` protects tag `{tag}`: it takes the role `{role}` to push, which the token's is below")
                })
            }
        }
    })
}

/// Whether a pattern of a protection rule, in which `*` stands for any text, matches a path.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((before, after)) => path.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| rest.get(at..).is_some_and(|rest| matches(after, rest)))
        }),
    }
}

/// The level of the token's role in a project.
fn level(project: &Value) -> Option<u64> {
    let level = |of: &str| project.pointer(&format!("/permissions/{of}/access_level")).and_then(Value::as_u64);
    level("project_access").max(level("group_access"))
}

/// Compares the project of a job with that of an image, which must have allowed the job's project if it is another.
pub(crate) fn own_project(response: &Response, image: &[&str]) -> Result<Option<String>, Failure> {
    if matches!(response.status, 403 | 404) {
        return Ok(Some(format!("the project was not checked{}", SERVICE.said(response))));
    }
    let body = SERVICE.object(response)?;
    let url = body.get("web_url").and_then(Value::as_str).unwrap_or_default();
    let own = url.split_once("://").and_then(|(_, rest)| rest.split_once("/-/")).map(|(place, _)| place.to_lowercase());
    Ok(own.filter(|own| !projects(image).iter().any(|project| own.ends_with(&format!("/{project}")))).map(|own| {
        format!(
            "the token is of a job of `{own}`: other projects take it only if their job token allowlist has that one"
        )
    }))
}

/// Name, number and user of a job.
fn job(body: &Value) -> Option<String> {
    let (id, name) = (body.get("id").and_then(Value::as_u64)?, body.get("name").and_then(Value::as_str)?);
    let user =
        body.pointer("/user/username").and_then(Value::as_str).map(|user| format!(" of {user}")).unwrap_or_default();
    Some(format!("job `{name}` ({id}){user}"))
}
