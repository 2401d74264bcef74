//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry of gitlab.com.
pub(crate) const REGISTRY: &str = "registry.gitlab.com";

/// Hosts that people take for it, beside those that are a typing error away; the first two are the web site.
const MISTAKEN: [&str; 6] =
    ["gitlab.com", "www.gitlab.com", "docker.gitlab.com", "registry.gitlab.io", "registry-gitlab.com", "gitlab.io"];

/// Registries of others, by the end of their hosts, and their flavors.
const OTHERS: [(&str, &str); 8] = [
    ("docker.io", "dockerhub"),
    ("quay.io", "quay"),
    ("ghcr.io", "github"),
    ("gcr.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("azurecr.io", "azure"),
    ("registry.digitalocean.com", "digitalocean"),
    ("registry.cloudflare.com", "cloudflare"),
];

/// Accepts GitLab's registry and every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("did you mean `{REGISTRY}/{path}`?")));
        }
        // Groups and projects may have upper-case letters in GitLab; its registry knows them without.
        Err(Error::UpperCase(part)) => {
            return Err(match accept(&text.to_ascii_lowercase()) {
                Ok(accepted) => Failure::from(Error::UpperCase(part))
                    .hint(format!("write `{}`: the registry knows projects in lower case", accepted.uri)),
                Err(failure) => failure,
            });
        }
        parsed => parsed?,
    };
    let host = uri.host();
    if host == REGISTRY {
        return accept_gitlab_com(&uri);
    }
    if is_look_alike(host) {
        return Err(Failure::invalid_input(format!("host `{host}` is not GitLab's registry, expected `{REGISTRY}`"))
            .hint(format!("did you mean `{}`? If not, use the flavor `default`", uri.on_host(REGISTRY))));
    }
    if let Some(flavor) = other(host) {
        return Err(Failure::invalid_input(format!("`{host}` is no GitLab"))
            .hint(format!("use the flavor `{flavor}` for `{uri}`")));
    }
    let mut accepted = AcceptedUri::new(uri.to_string());
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

fn accept_gitlab_com(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
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

/// Says whether `host` can only have been meant as the registry of gitlab.com, or is made to look like it.
fn is_look_alike(host: &str) -> bool {
    MISTAKEN.contains(&host)
        || is_within(host, "gitlab.com")
        || host.starts_with("gitlab.com.")
        || host.contains(".gitlab.com.")
        || is_one_slip_from(host, REGISTRY)
}

/// The flavor for a host of somebody else. A machine of one's own may be in a cloud, so of AWS only ECR counts.
fn other(host: &str) -> Option<&'static str> {
    if host.contains(".dkr.ecr.") || host == "public.ecr.aws" {
        return Some("aws");
    }
    OTHERS.iter().find(|(end, _)| is_within(host, end)).map(|(_, flavor)| *flavor)
}
