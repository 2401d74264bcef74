//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

use crate::names::{self, HUB};

/// The web site, whose addresses people copy from the browser.
const WEB_SITE: &str = "hub.docker.com";

/// Accepts Docker Hub under any of its names, and other registries with a warning.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        // Without a host it is an account.
        Err(Error::NoHost(path)) => RegistryUri::parse(&format!("{HUB}/{path}"))?,
        // Docker's own configuration has it with a scheme.
        Err(Error::Scheme { scheme, without }) => {
            return Err(match accept(&without) {
                Ok(accepted) => Failure::from(Error::Scheme { scheme, without })
                    .hint(format!("leave the scheme out: `{}`", accepted.uri)),
                Err(failure) => failure,
            });
        }
        parsed => parsed?,
    };
    if names::is_hub(uri.host()) {
        return accept_hub(&uri);
    }
    if uri.host() == WEB_SITE {
        return Err(Failure::invalid_input(format!(
            "`{uri}` is a web page of Docker Hub, expected its registry `{HUB}`"
        ))
        .hint(format!("write `{}`", behind_page(&uri.path()))));
    }
    if names::is_near_miss(uri.host()) {
        return Err(Failure::invalid_input(format!(
            "host `{}` is not Docker Hub's registry, expected `{HUB}`",
            uri.host()
        ))
        .hint(format!("did you mean `{}`? If not, use the flavor `default`", uri.on_host(HUB))));
    }
    let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
        "`{}` is not Docker Hub; the flavor `default` treats it the same and says so more plainly",
        uri.host()
    ));
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

fn accept_hub(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(HUB);
    // 443 is what `https` means anyway.
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
        .hint(format!("write `{HUB}/{namespace}`, or `{HUB}/{namespace}/{name}` for a single repository"))),
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
