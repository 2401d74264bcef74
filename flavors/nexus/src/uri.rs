//! URIs of Nexus's Docker repositories: a port or a host for each repository, or one host with the repository in front
//! of the path (help.sonatype.com, "Docker Repository Reverse Proxy Strategies"; `pathEnabled` of the API).

use crhost_flavor::uri::{RegistryUri, Rules};
use crhost_flavor::{AcceptedUri, Failure};

/// Nexus has no public registry: it runs on any host that is not known to be of another kind.
pub(crate) const RULES: Rules = Rules {
    flavor: "nexus",
    example: "nexus.example.com/docker-hosted",
    no_host: |path| format!("write `nexus.example.com/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no Nexus", uri.host()))),
    grammar,
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let path = uri.path();
    let repository = match path.as_slice() {
        ["repository", name, ..] => Some(*name),
        ["service", "rest", ..] | ["repository" | "v2", ..] => None,
        _ => return Ok(AcceptedUri::new(uri.to_string())),
    };
    // `/repository/<name>/` is where other clients than Docker's find a repository.
    Err(Failure::invalid_input(format!("`{uri}` is an address of Nexus's web server, expected its registry"))
        .hint(format!("write `{}/{}`", uri.authority(), repository.unwrap_or("<repository>"))))
}
