//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_within};
use crhost_flavor::{AcceptedUri, Failure};

use crate::host::{self, Host, Wrong};
use crate::location::{self, Verdict};
use crate::names;

/// The typical registry, for hints.
pub(crate) const TYPICAL: &str = "europe-west1-docker.pkg.dev/my-project/my-repository";

/// Domains of other registries, and their flavors.
const OTHERS: [(&str, &str); 13] = [
    ("docker.io", "dockerhub"),
    ("docker.com", "dockerhub"),
    ("quay.io", "quay"),
    ("ghcr.io", "github"),
    ("gitlab.com", "gitlab"),
    ("ecr.aws", "aws"),
    ("amazonaws.com", "aws"),
    ("on.aws", "aws"),
    ("azurecr.io", "azure"),
    ("azurecr.cn", "azure"),
    ("registry.digitalocean.com", "digitalocean"),
    ("registry.cloudflare.com", "cloudflare"),
    // IBM's.
    ("icr.io", "default"),
];

/// Accepts the hosts of Artifact Registry and of Container Registry, and hosts that can't be mistaken for either.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    if let Some(failure) = refuse_resource(text) {
        return Err(failure);
    }
    let uri = RegistryUri::parse(&with_slashes(text)).map_err(explain)?;
    // First of all: some are one letter from Google's.
    refuse_others(&uri)?;
    match host::parse(uri.host()).map_err(|wrong| refuse(&uri, wrong))? {
        Host::Docker(location) => Ok(judged(accept_repository(&uri)?, &location)),
        Host::Regional(region) => Ok(judged(accept_repository(&uri)?, &region)),
        Host::Gcr(gcr) => {
            let (accepted, _) = accept_project(&uri)?;
            Ok(match uri.path().is_empty() {
                true => accepted
                    .warning(format!("`{0}` stands for every project; `{0}/<project>` for yours alone", gcr.host)),
                false => accepted,
            })
        }
        Host::Other => Ok(accept_other(&uri)),
    }
}

/// The project may be missing, and so may the repository: the image then names them.
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

/// Checks the project, and gives what comes after it.
fn accept_project(uri: &RegistryUri) -> Result<(AcceptedUri, Vec<&str>), Failure> {
    let accepted = without_port(uri)?;
    let split = names::split(&uri.path())?;
    let accepted = match split.warning {
        Some(warning) => accepted.warning(warning),
        None => accepted,
    };
    Ok((accepted, split.rest))
}

fn judged(accepted: AcceptedUri, location: &str) -> AcceptedUri {
    match location::judge(location) {
        Verdict::Possible => accepted.warning(format!("`{location}` is no location that this version knows of")),
        _ => accepted,
    }
}

fn accept_other(uri: &RegistryUri) -> AcceptedUri {
    let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
        "`{}` is not a host of Google's: it has to lead to one, and the option `location` has to say where the \
         repository is",
        uri.host()
    ));
    accepted.warnings.extend(uri.warnings());
    accepted
}

fn refuse_others(uri: &RegistryUri) -> Result<(), Failure> {
    let Some((_, flavor)) = OTHERS.iter().find(|(domain, _)| is_within(uri.host(), domain)) else { return Ok(()) };
    Err(Failure::invalid_input(format!("`{}` is not a registry of Google", uri.host()))
        .hint(format!("use the flavor `{flavor}`")))
}

/// The URI without port 443, which is what `https` means anyway.
fn without_port(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(uri.host());
    match uri.port() {
        None | Some(443) => Ok(AcceptedUri::new(canonical.to_string())),
        Some(_) => Err(Failure::invalid_input(format!("`{uri}` has a port, expected Google's host without one"))
            .hint(format!("write `{canonical}`"))),
    }
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

/// Repositories have another kind of name in Google's APIs, and a page in its console.
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
    let shown: String = text.chars().filter(|c| !c.is_control()).take(150).collect();
    let failure = Failure::invalid_input(format!("`{shown}` is {what}, expected a registry"));
    // What stands there may be anything; only a form that works is shown.
    let meant = accept(&meant).map_or_else(|_| TYPICAL.to_owned(), |accepted| accepted.uri);
    Some(failure.hint(format!("write `{meant}`")))
}

/// A bare word may be a location or a project.
fn explain(error: Error) -> Failure {
    let hint = match &error {
        Error::NoHost(text) => {
            let (first, rest) = text.split_once('/').unwrap_or((text, ""));
            match (location::judge(first), rest) {
                (Verdict::Known, "") => {
                    format!("write the host, e.g. `{}/my-project/my-repository`", host::docker(first))
                }
                (Verdict::Known, rest) => format!("write `{}/{rest}`", host::docker(first)),
                _ if names::Project::parse(first).is_some() => {
                    format!("write the host too, e.g. `us-docker.pkg.dev/{text}` or `gcr.io/{text}`")
                }
                _ => format!("write e.g. `{TYPICAL}`"),
            }
        }
        Error::Empty => format!("write e.g. `{TYPICAL}`"),
        _ => return error.into(),
    };
    Failure::from(error).hint(hint)
}

fn refuse(uri: &RegistryUri, wrong: Wrong) -> Failure {
    let host = uri.host();
    let on = |host: &str| uri.on_host(host).to_string();
    let did_you_mean = |meant: Option<String>| match meant {
        Some(meant) => format!("did you mean `{}`?", on(&meant)),
        None => format!("write e.g. `{TYPICAL}` or `gcr.io/my-project`"),
    };
    match wrong {
        Wrong::Location(location, meant) => {
            Failure::invalid_input(format!("`{location}` is not a location of Artifact Registry")).hint(match meant {
                Some(meant) => format!("did you mean `{}`?", on(&meant)),
                None => format!("`gcloud artifacts locations list` shows them; write e.g. `{TYPICAL}`"),
            })
        }
        Wrong::ReadOnly => {
            Failure::unsupported(format!("only Google writes to `{host}`, so nothing can be pushed there"))
                .hint(format!("push to a repository of your own, e.g. `{TYPICAL}`"))
        }
        Wrong::Universe => Failure::unsupported(format!(
            "`{host}` is of another universe than Google's own, which flavor `gcp` does not serve"
        ))
        .hint("the flavor `default` pushes there, with a connector of type `docker` that holds a password"),
        Wrong::Format(format, images) => Failure::invalid_input(format!(
            "`{host}` takes packages of the format `{format}`, expected a registry of images"
        ))
        .hint(format!("did you mean `{}`?", on(&images))),
        Wrong::Form(meant) => {
            Failure::invalid_input(format!("host `{host}` looks like one of Google's registries and is none"))
                .hint(did_you_mean(meant))
        }
    }
}

#[cfg(test)]
mod tests;
