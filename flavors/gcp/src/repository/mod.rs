//! The image's repository, which has to exist in Artifact Registry before a push.

mod settings;

use crhost_flavor::http::Api;
use crhost_flavor::{Failure, FailureKind, Options, log};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::{self, WHO};
use crate::describe;
use crate::refusal::{ApiRefusal, Refusal};
use crate::target::Target;

// Permissions of the calls.
const GET: &str = "artifactregistry.repositories.get";
const CREATE: &str = "artifactregistry.repositories.create";
const CREATE_ON_PUSH: &str = "artifactregistry.repositories.createOnPush";

/// Seconds to wait for a repository that is being created; the creation takes one to five.
const CREATION: u32 = 3;

/// Whether to check the repository and to create a missing one, as the options say.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct CreatePolicy {
    /// Whether to look for the repository before a push.
    pub(crate) check: bool,
    /// Whether to create a missing one.
    pub(crate) create: bool,
    /// The request that creates one.
    body: Map<String, Value>,
}

impl CreatePolicy {
    /// Reads the options; fails for those that Google would refuse once the image is on its way.
    pub(crate) fn of(options: &Options) -> Result<Self, Failure> {
        Ok(Self {
            check: options.flag(describe::CHECK_REPOSITORY).unwrap_or(true),
            create: options.flag(describe::CREATE_REPOSITORY).unwrap_or(false),
            body: settings::body(options)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    format: String,
    #[serde(default)]
    mode: String,
    docker_config: Option<DockerConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DockerConfig {
    #[serde(default)]
    immutable_tags: bool,
}

#[derive(Deserialize)]
struct Operation {
    name: String,
    #[serde(default)]
    done: bool,
    error: Option<Value>,
}

/// Makes sure that the repository exists and takes pushes; gives a note. `home` is the connector's own project.
pub(crate) fn provide(
    api: &Api<'_>,
    target: &Target,
    policy: &CreatePolicy,
    home: Option<&str>,
) -> Result<Option<String>, Failure> {
    let place = format!("/projects/{}/locations/{}", target.project.id(), target.location()?);
    let checked = look(api, &place, target).and_then(|found| match found {
        Some(repository) => check(&repository, target),
        None if policy.create => create(api, &place, target, policy),
        None => Err(absent(target, home)),
    });
    checked.map_err(|failure| elsewhere(failure, target, home))
}

/// The repository, if it exists.
///
/// A principal without the permission is refused: every role of Google's that may push may also get the repository, so
/// that the push would fail in the same way and without a reason. Google also answers 403 for an unknown project or
/// repository. The option `check-repository=false` is for custom roles that lack the permission.
fn look(api: &Api<'_>, place: &str, target: &Target) -> Result<Option<Repository>, Failure> {
    let response = api.get(&format!("{place}/repositories/{}", target.repository))?;
    match response.status {
        200 => api::parse(&response).map(Some),
        // A 404 without an error of Google's comes from another server.
        404 if Refusal::of(&response).code == "NOT_FOUND" => Ok(None),
        404 => Err(api::refusal(&response, GET)
            .failure
            .hint("see whether the option `artifact-registry-endpoint` leads to Artifact Registry")),
        _ => Err(denied(api::refusal(&response, GET))),
    }
}

fn denied(ApiRefusal { failure, lacks_permission }: ApiRefusal) -> Failure {
    match lacks_permission {
        true => failure.hint(format!(
            "grant `{GET}` to whom the connector is (role Artifact Registry Writer), or push without looking: \
             `--option check-repository=false`"
        )),
        false => failure,
    }
}

/// Refuses a repository that takes no images; gives a note about immutable tags.
fn check(repository: &Repository, target: &Target) -> Result<Option<String>, Failure> {
    let name = &target.repository;
    let (format, mode) = (repository.format.as_str(), repository.mode.as_str());
    if format != "DOCKER" {
        return Err(Failure::invalid_input(format!(
            "repository `{name}` is of the format `{format}`, expected `DOCKER`"
        ))
        .hint("push to a repository of images, or create one under another name"));
    }
    let reads_from = match mode {
        "REMOTE_REPOSITORY" => "only passes on what another registry has",
        "VIRTUAL_REPOSITORY" => "only joins other repositories",
        _ => {
            let immutable = repository.docker_config.as_ref().is_some_and(|config| config.immutable_tags);
            return Ok(immutable
                .then(|| format!("repository `{name}` has immutable tags: one that is there can't be pushed again")));
        }
    };
    Err(Failure::denied(format!("repository `{name}` is of the mode `{mode}`: it {reads_from}, and takes no pushes"))
        .hint("push to a standard repository, e.g. the one behind it"))
}

fn absent(target: &Target, home: Option<&str>) -> Failure {
    let (project, location) = (target.project.id(), target.location().unwrap_or_default());
    let failure = Failure::not_found(format!(
        "Artifact Registry has no repository `{}` in `{location}` of project `{project}`",
        target.repository
    ));
    if target.is_gcr {
        // Whether the push would create it can't be known in advance.
        return failure.hint(format!(
            "`--option create-repository=true` creates it; a connector that has `{CREATE_ON_PUSH}` has the push \
             create it with \
             `--option check-repository=false`"
        ));
    }
    let other = home.filter(|home| *home != project).map(|home| format!("; the connector's own project is `{home}`"));
    failure.hint(format!(
        "`--option create-repository=true` creates it; or see whether project, location and name are right{}",
        other.unwrap_or_default()
    ))
}

/// Creates the repository. One that was created in the meantime is a success.
fn create(api: &Api<'_>, place: &str, target: &Target, policy: &CreatePolicy) -> Result<Option<String>, Failure> {
    let name = &target.repository;
    let body = Value::Object(policy.body.clone());
    let response = api.post(&format!("{place}/repositories?repositoryId={name}"), &body)?;
    match response.status {
        409 => {
            return match look(api, place, target)? {
                Some(repository) => check(&repository, target),
                None => Err(in_creation(name)),
            };
        }
        404 => {
            let failure = api::refusal(&response, CREATE).failure;
            return Err(failure.hint(format!("see whether there is a project `{}`", target.project.id())));
        }
        _ => {}
    }
    let mut operation: Operation = api::read(&response, CREATE)?;
    log::info(&format!("repository `{name}` is being created"));
    if !operation.done {
        operation = api::read(&api.get(&path_of(&operation.name)?)?, GET)?;
    }
    match (operation.done, operation.error) {
        (false, _) => Err(in_creation(name)),
        (true, None) => Ok(Some(format!("created repository `{name}` in project `{}`", target.project.id()))),
        (true, Some(error)) => {
            let said = Refusal::in_json(&json!({"error": error})).said();
            Err(Failure::other(format!("repository `{name}` could not be created: {said}")))
        }
    }
}

/// The failure for a repository that is not ready yet: crhost waits and calls again.
fn in_creation(name: &str) -> Failure {
    Failure::unavailable(format!("repository `{name}` is still being created")).retry_after(CREATION)
}

/// The path of an operation, whose name comes from outside and is checked.
fn path_of(operation: &str) -> Result<String, Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let is_path = operation.starts_with("projects/") && operation.chars().all(fits) && !operation.contains("..");
    if is_path { Ok(format!("/{operation}")) } else { Err(crate::refusal::unreadable(WHO)) }
}

/// Adds to a denial that the registry's project is not the connector's, which may be the cause.
fn elsewhere(failure: Failure, target: &Target, home: Option<&str>) -> Failure {
    match (failure.kind, home) {
        (FailureKind::Denied, Some(home)) if home != target.project.id() => {
            let hint = failure.hint.clone().unwrap_or_default();
            let project = target.project.id();
            failure.hint(format!("{hint}; the connector belongs to project `{home}`, the registry to `{project}`"))
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests;
