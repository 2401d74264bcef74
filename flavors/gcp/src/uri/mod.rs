//! URIs of Google's registries.

use crhost_flavor::text::excerpt;
use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, Host, HostError};
use crate::location::{self, LocationCheck};
use crate::names;

/// The typical registry, for hints.
pub(crate) const TYPICAL: &str = "europe-west1-docker.pkg.dev/my-project/my-repository";

/// Google has registries on the hosts of Artifact Registry and of Container Registry; a host that can't be mistaken for
/// either may lead there.
const RULES: Rules = Rules {
    flavor: "gcp",
    example: TYPICAL,
    no_host,
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not a registry of Google", uri.host()))),
    grammar,
};

/// Accepts a registry, also with its project in the spelling of Google's APIs.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    match refuse_resource(text) {
        Some(failure) => Err(failure),
        None => RULES.accept(&with_slashes(text)),
    }
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    match host::parse(uri.host()).map_err(|wrong| refuse(uri, wrong))? {
        Host::Docker(location) | Host::Regional(location) => {
            Ok(accept_repository(uri)?.warnings(location_warning(&location)))
        }
        Host::Gcr(gcr) => {
            let (accepted, _) = accept_project(uri)?;
            Ok(match uri.path().is_empty() {
                true => accepted
                    .warning(format!("`{0}` stands for every project; `{0}/<project>` for yours alone", gcr.host)),
                false => accepted,
            })
        }
        Host::Other => Ok(AcceptedUri::new(uri.to_string()).warning(format!(
            "`{}` is not a host of Google's: it has to lead to one, and the option `location` has to say where the \
             repository is",
            uri.host()
        ))),
    }
}

/// Accepts a repository. It may be missing, and so may the project: the image then names them.
fn accept_repository(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let (accepted, rest) = accept_project(uri)?;
    if uri.path().is_empty() {
        return Ok(accepted.warning(format!(
            "`{0}` stands for every project; `{0}/<project>/<repository>` for yours alone",
            uri.host()
        )));
    }
    match rest.first() {
        None => Ok(accepted.warning(format!(
            "`{uri}` names no repository: the first part of an image's name is the repository then, as in \
             `{uri}/<repository>/train`"
        ))),
        Some(repository) => names::check_repository(repository).map(|()| accepted),
    }
}

/// Accepts the project, and returns the path behind it.
fn accept_project(uri: &RegistryUri) -> Result<(AcceptedUri, Vec<&str>), Failure> {
    let accepted = AcceptedUri::new(uri.without_port("Google's host")?.to_string());
    let split = names::split(&uri.path())?;
    Ok((accepted.warnings(split.warning), split.rest))
}

fn location_warning(location: &str) -> Option<String> {
    (location::check(location) == LocationCheck::Plausible)
        .then(|| format!("`{location}` is no location that this version knows of"))
}

/// `host/example.com:project` as image names have it: `host/example.com/project`.
fn with_slashes(text: &str) -> String {
    let changed = || {
        let (host, path) = text.split_once('/')?;
        let (domain, rest) = path.split_once(':')?;
        let project = rest.split('/').next().unwrap_or_default();
        (names::is_domain(domain) && names::fault(project).is_none()).then(|| format!("{host}/{domain}/{rest}"))
    };
    changed().unwrap_or_else(|| text.to_owned())
}

/// Refuses the name of a repository in Google's APIs, and the address of its page in Google's console.
fn refuse_resource(text: &str) -> Option<Failure> {
    let bare = text.trim_end_matches('/');
    let bare = bare.trim_start_matches("https:").trim_start_matches("http:").trim_start_matches("//");
    let path = bare.split(['?', '#', ';']).next().unwrap_or_default();
    let components: Vec<&str> = path.split('/').collect();
    let (what, meant) = match components.as_slice() {
        ["projects", project, "locations", location, "repositories", repository, ..]
        | [
            "artifactregistry.googleapis.com",
            "projects",
            project,
            "locations",
            location,
            "repositories",
            repository,
            ..,
        ] => ("the name of a resource", format!("{}/{project}/{repository}", host::docker(location))),
        ["console.cloud.google.com", "artifacts", "docker", project, location, repository, ..] => {
            ("a page of Google's console", format!("{}/{project}/{repository}", host::docker(location)))
        }
        ["console.cloud.google.com", "gcr", "images", project, ..] => {
            ("a page of Google's console", format!("gcr.io/{project}"))
        }
        ["console.cloud.google.com", ..] => ("a page of Google's console", TYPICAL.to_owned()),
        _ => return None,
    };
    let failure = Failure::invalid_input(format!("`{}` is {what}, expected a registry", excerpt(text, 150)));
    // The components may be anything; a hint shows only a form that is accepted.
    let meant = accept(&meant).map_or_else(|_| TYPICAL.to_owned(), |accepted| accepted.uri);
    Some(failure.hint(format!("write `{meant}`")))
}

/// The hint for a text without a host: a bare word may be a location or a project.
fn no_host(text: &str) -> String {
    let (first, rest) = text.split_once('/').unwrap_or((text, ""));
    match (location::check(first), rest) {
        (LocationCheck::Known, "") => {
            format!("write the host, e.g. `{}/my-project/my-repository`", host::docker(first))
        }
        (LocationCheck::Known, rest) => format!("write `{}/{rest}`", host::docker(first)),
        _ if names::Project::parse(first).is_some() => {
            format!("write the host too, e.g. `us-docker.pkg.dev/{text}` or `gcr.io/{text}`")
        }
        _ => format!("write e.g. `{TYPICAL}`"),
    }
}

fn refuse(uri: &RegistryUri, wrong: HostError) -> Failure {
    let host = uri.host();
    let on = |host: &str| uri.on_host(host).to_string();
    let did_you_mean = |meant: Option<String>| match meant {
        Some(meant) => format!("did you mean `{}`?", on(&meant)),
        None => format!("write e.g. `{TYPICAL}` or `gcr.io/my-project`"),
    };
    match wrong {
        HostError::Location(location, meant) => {
            Failure::invalid_input(format!("`{location}` is not a location of Artifact Registry")).hint(match meant {
                Some(meant) => format!("did you mean `{}`?", on(&meant)),
                None => format!("`gcloud artifacts locations list` shows them; write e.g. `{TYPICAL}`"),
            })
        }
        HostError::ReadOnly => {
            Failure::unsupported(format!("only Google writes to `{host}`, so nothing can be pushed there"))
                .hint(format!("push to a repository of your own, e.g. `{TYPICAL}`"))
        }
        HostError::Universe => Failure::unsupported(format!(
            "`{host}` is of another universe than Google's own, which flavor `gcp` does not serve"
        ))
        .hint("the flavor `default` pushes there, with a connector of type `docker` that holds a password"),
        HostError::Format(format, images) => Failure::invalid_input(format!(
            "`{host}` takes packages of the format `{format}`, expected a registry of images"
        ))
        .hint(format!("did you mean `{}`?", on(&images))),
        HostError::Form(meant) => {
            Failure::invalid_input(format!("host `{host}` looks like one of Google's registries and is none"))
                .hint(did_you_mean(meant))
        }
    }
}

#[cfg(test)]
mod tests;
