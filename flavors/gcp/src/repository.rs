//! The image's repository: Artifact Registry has to have it before anything is pushed there.

use crhost_flavor::{Failure, FailureKind, Options, clock, log};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{self, Api, WHO};
use crate::describe;
use crate::endpoint::ARTIFACT_REGISTRY;
use crate::refusal::Refusal;
use crate::target::Target;

const GET: &str = "artifactregistry.repositories.get";
const CREATE: &str = "artifactregistry.repositories.create";
const CREATE_ON_PUSH: &str = "artifactregistry.repositories.createOnPush";

/// Seconds until a repository that is being created is looked at again; they take one to five.
const CREATION: u32 = 3;

/// What the options say about repositories.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Wish {
    pub(crate) check: bool,
    pub(crate) create: bool,
    immutable: Option<bool>,
}

impl Wish {
    /// Reads the options.
    pub(crate) fn of(options: &Options) -> Result<Self, Failure> {
        Ok(Self {
            check: options.flag(describe::CHECK_REPOSITORY)?.unwrap_or(true),
            create: options.flag(describe::CREATE_REPOSITORY)?.unwrap_or(false),
            immutable: options.flag(describe::IMMUTABLE_TAGS)?,
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

/// Makes sure that the repository is there and takes pushes, and says what there is to say about it.
pub(crate) fn provide(
    api: &Api<'_>,
    target: &Target,
    wish: &Wish,
    home: Option<&str>,
) -> Result<Option<String>, Failure> {
    let place = format!("projects/{}/locations/{}", target.project.id(), target.location()?);
    let looked = look(api, &place, target).and_then(|found| match found {
        Some(repository) => judge(&repository, target),
        None if wish.create => create(api, &place, target, wish),
        None => Err(absent(target, home)),
    });
    looked.map_err(|failure| elsewhere(failure, target, home))
}

/// The repository, if it is there.
///
/// Who may not look is refused: every role of Google's that may push may also get the repository, so that the push
/// would fail in the same way, and without a word about what is missing. Google also says 403 where the project or the
/// repository is unknown. Who pushes with a role of their own that lacks this permission says `check-repository=false`.
fn look(api: &Api<'_>, place: &str, target: &Target) -> Result<Option<Repository>, Failure> {
    let response = api.get(&format!("{place}/repositories/{}", target.repository))?;
    match response.status {
        200 => api::parse(&response).map(Some),
        // Something else than Google answers 404 without a word of Google's.
        404 if Refusal::of(&response).code == "NOT_FOUND" => Ok(None),
        404 => Err(Refusal::of_api(&response, WHO, ARTIFACT_REGISTRY, GET, clock::now())
            .hint("see whether the option `artifact-registry-endpoint` leads to Artifact Registry")),
        _ => Err(denied(Refusal::of_api(&response, WHO, ARTIFACT_REGISTRY, GET, clock::now()))),
    }
}

fn denied(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Denied if failure.hint.as_deref().is_some_and(|hint| hint.contains(GET)) => failure.hint(format!(
            "grant `{GET}` to whom the connector is (role Artifact Registry Writer), or push without looking: \
             `--option check-repository=false`"
        )),
        _ => failure,
    }
}

/// Refuses what takes no images.
fn judge(repository: &Repository, target: &Target) -> Result<Option<String>, Failure> {
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
        // Whether the push would create it is known to nobody before it is tried.
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

/// Creates it. One that somebody else has created meanwhile is as good.
fn create(api: &Api<'_>, place: &str, target: &Target, wish: &Wish) -> Result<Option<String>, Failure> {
    let name = &target.repository;
    let mut body = json!({"format": "DOCKER"});
    if let (Some(members), Some(immutable)) = (body.as_object_mut(), wish.immutable) {
        members.insert("dockerConfig".to_owned(), json!({"immutableTags": immutable}));
    }
    let response = api.post(&format!("{place}/repositories?repositoryId={name}"), &body)?;
    match response.status {
        409 => {
            return match look(api, place, target)? {
                Some(repository) => judge(&repository, target),
                None => Err(in_creation(name)),
            };
        }
        404 => {
            let failure = Refusal::of_api(&response, WHO, ARTIFACT_REGISTRY, CREATE, clock::now());
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

/// The host calls again then, and finds it.
fn in_creation(name: &str) -> Failure {
    Failure::unavailable(format!("repository `{name}` is still being created")).retry_after(CREATION)
}

/// The name of an operation as a path: it comes from outside.
fn path_of(operation: &str) -> Result<String, Failure> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let is_path = operation.starts_with("projects/") && operation.chars().all(fits) && !operation.contains("..");
    if is_path { Ok(operation.to_owned()) } else { Err(crate::refusal::unreadable(WHO)) }
}

/// A registry of another project than the connector's is no mistake in itself; where it does not work, it may be.
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
