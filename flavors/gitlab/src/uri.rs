//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry of gitlab.com.
pub(crate) const REGISTRY: &str = "registry.gitlab.com";

/// Hosts that people take for it; the first is the web site.
const MISTAKEN: [&str; 5] =
    ["gitlab.com", "www.gitlab.com", "docker.gitlab.com", "registry.gitlab.io", "registry-gitlab.com"];

/// Hosts of others, and their flavors.
const OTHERS: [(&str, &str); 4] =
    [("docker.io", "dockerhub"), ("index.docker.io", "dockerhub"), ("quay.io", "quay"), ("ghcr.io", "github")];

/// Accepts GitLab's registry and every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("did you mean `{REGISTRY}/{path}`?")));
        }
        parsed => parsed?,
    };
    if MISTAKEN.contains(&uri.host()) {
        return Err(Failure::invalid_input(format!(
            "host `{}` is not GitLab's registry, expected `{REGISTRY}`",
            uri.host()
        ))
        .hint(format!("did you mean `{}`?", uri.on_host(REGISTRY))));
    }
    if let Some((_, flavor)) = OTHERS.iter().find(|(host, _)| *host == uri.host()) {
        return Err(
            Failure::invalid_input(format!("`{}` is no GitLab", uri.host())).hint(format!("use the flavor `{flavor}`"))
        );
    }
    if uri.host() != REGISTRY {
        let mut accepted = AcceptedUri::new(uri.to_string());
        accepted.warnings.extend(uri.warnings());
        return Ok(accepted);
    }
    let canonical = uri.on_host(REGISTRY);
    // 443 is what `https` means anyway.
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected `{REGISTRY}` without one"))
            .hint(format!("write `{canonical}`")));
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match uri.path().is_empty() {
        true => accepted.warning(format!("`{REGISTRY}` stands for every group; `{REGISTRY}/<group>` for yours alone")),
        false => accepted,
    })
}
