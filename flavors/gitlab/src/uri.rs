//! URIs of GitLab's registries.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry of gitlab.com.
pub(crate) const REGISTRY: &str = "registry.gitlab.com";

/// Hosts that people take for it, beside gitlab.com, those below it, and those that are a typing error away.
const MISTAKEN: [&str; 3] = ["registry.gitlab.io", "registry-gitlab.com", "gitlab.io"];

/// GitLab runs on any host, so that only hosts that are known to be of another kind are refused.
pub(crate) const RULES: Rules = Rules {
    flavor: "gitlab",
    example: "registry.gitlab.com/acme/ml",
    no_host: |path| format!("did you mean `{REGISTRY}/{path}`?"),
    // Groups and projects may have upper-case letters in GitLab.
    lower_case: ": the registry knows projects in lower case",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no GitLab", uri.host()))),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: REGISTRY,
    owner: "GitLab",
    is_mistaken: |host| MISTAKEN.contains(&host) || is_within(host, "gitlab.com") || is_one_slip_from(host, REGISTRY),
    meant: |uri| uri.on_host(REGISTRY).to_string(),
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let Some(canonical) = PUBLIC.canonical(uri)? else { return Ok(AcceptedUri::new(uri.to_string())) };
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match canonical.path().is_empty() {
        true => accepted.warning(format!("`{REGISTRY}` stands for every group; `{REGISTRY}/<group>` for yours alone")),
        false => accepted,
    })
}
