//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

/// The host that canonical URIs have.
pub(crate) const QUAY: &str = "quay.io";

/// Hosts that people take for it.
const MISTAKEN: [&str; 7] = ["quay.com", "www.quay.io", "quay.oi", "qauy.io", "quay.co", "docker.quay.io", "quai.io"];

/// Hosts of others, and their flavors.
const OTHERS: [(&str, &str); 4] = [
    ("docker.io", "dockerhub"),
    ("index.docker.io", "dockerhub"),
    ("ghcr.io", "github"),
    ("registry.gitlab.com", "gitlab"),
];

/// Accepts quay.io and every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("did you mean `{QUAY}/{path}`?")));
        }
        parsed => parsed?,
    };
    if MISTAKEN.contains(&uri.host()) {
        return Err(Failure::invalid_input(format!("host `{}` is not Quay's registry, expected `{QUAY}`", uri.host()))
            .hint(format!("did you mean `{}`?", uri.on_host(QUAY))));
    }
    if let Some((_, flavor)) = OTHERS.iter().find(|(host, _)| *host == uri.host()) {
        return Err(
            Failure::invalid_input(format!("`{}` is no Quay", uri.host())).hint(format!("use the flavor `{flavor}`"))
        );
    }
    let path = uri.path();
    if let ["repository" | "organization" | "user", rest @ ..] = path.as_slice()
        && let [_, ..] = rest
    {
        return Err(Failure::invalid_input(format!("`{uri}` is a web page of Quay, expected its registry"))
            .hint(format!("write `{}/{}`", uri.host(), rest.join("/"))));
    }
    if uri.host() != QUAY {
        let mut accepted = AcceptedUri::new(uri.to_string());
        accepted.warnings.extend(uri.warnings());
        return Ok(accepted);
    }
    let canonical = uri.on_host(QUAY);
    // 443 is what `https` means anyway.
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected quay.io without one"))
            .hint(format!("write `{canonical}`")));
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    match path.first() {
        None => {
            Ok(accepted.warning(format!("`{QUAY}` stands for every namespace; `{QUAY}/<namespace>` for yours alone")))
        }
        Some(namespace) if namespace.len() < 2 => {
            Err(Failure::invalid_input(format!("`{namespace}` is no namespace of Quay, expected 2 characters or more"))
                .hint(format!("write e.g. `{QUAY}/acme`")))
        }
        Some(_) => Ok(accepted),
    }
}
