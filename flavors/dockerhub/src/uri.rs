//! URIs of Docker Hub under all of its names, and of other registries.

use crhost_flavor::uri::{Error, PublicHost, RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

use crate::names::{self, HUB};

/// The web site, whose addresses users copy from the browser.
const WEB_SITE: &str = "hub.docker.com";

/// Other registries are accepted, because documents that users follow have them under this flavor.
const RULES: Rules = Rules {
    flavor: "dockerhub",
    example: "docker.io/acme",
    no_host: |path| format!("write `{HUB}/{path}`"),
    lower_case: "",
    not_ours: None,
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: HUB,
    owner: "Docker Hub",
    is_mistaken: names::is_near_miss,
    meant: |uri| uri.on_host(HUB).to_string(),
};

/// Accepts a registry; a text without a host is an account of Docker Hub.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => RULES.accept(&format!("{HUB}/{path}")),
        _ => RULES.accept(text),
    }
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    if names::is_hub(uri.host()) {
        return accept_hub(uri);
    }
    if uri.host() == WEB_SITE {
        return Err(Failure::invalid_input(format!(
            "`{uri}` is a web page of Docker Hub, expected its registry `{HUB}`"
        ))
        .hint(format!("write `{}`", behind_page(&uri.path()))));
    }
    PUBLIC.canonical(uri)?;
    Ok(AcceptedUri::new(uri.to_string())
        .warning(format!("`{}` is not Docker Hub; the flavor `default` is for other registries", uri.host())))
}

fn accept_hub(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(HUB);
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected Docker Hub without one"))
            .hint(format!("write `{canonical}`")));
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    match uri.path().as_slice() {
        [] => Ok(accepted.warning(format!(
            "`{HUB}` stands for every namespace of Docker Hub; `{HUB}/<account>` stands for yours alone"
        ))),
        ["v1" | "v2"] if uri.host() != HUB => {
            Err(Failure::invalid_input(format!("`{uri}` is the address of an API, expected the registry `{HUB}`"))
                .hint(format!("write `{HUB}/<account>`")))
        }
        // A second component narrows the registry to a single repository.
        [namespace] | [namespace, _] => {
            names::check_namespace(namespace)?;
            uri.path().get(1).map_or(Ok(()), |name| names::check_name(name))?;
            Ok(match *namespace {
                "library" => {
                    accepted.warning("`library` holds Docker's official images; only their maintainers may push there")
                }
                _ => accepted,
            })
        }
        [namespace, name, ..] => Err(Failure::invalid_input(format!(
            "`{canonical}` has more than a namespace and a repository, expected at most `{HUB}/<account>/<repository>`"
        ))
        .hint(match names::check_name(name) {
            Ok(()) => format!("write `{HUB}/{namespace}`, or `{HUB}/{namespace}/{name}` for a single repository"),
            Err(_) => format!("write `{HUB}/{namespace}`"),
        })),
    }
}

/// The registry that a page of the web site shows.
fn behind_page(path: &[&str]) -> String {
    match path {
        ["r" | "u" | "orgs" | "repositories", account, ..] | ["repository", "docker", account, ..] => {
            format!("{HUB}/{account}")
        }
        ["_", ..] => format!("{HUB}/library"),
        _ => format!("{HUB}/<account>"),
    }
}
