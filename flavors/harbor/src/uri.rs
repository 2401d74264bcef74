//! What a user may call a registry of this flavor.

use crhost_flavor::uri::{Error, RegistryUri};
use crhost_flavor::{AcceptedUri, Failure};

/// Hosts that are no Harbor, and their flavors.
const OTHERS: [(&str, &str); 6] = [
    ("docker.io", "dockerhub"),
    ("index.docker.io", "dockerhub"),
    ("registry-1.docker.io", "dockerhub"),
    ("quay.io", "quay"),
    ("ghcr.io", "github"),
    ("registry.gitlab.com", "gitlab"),
];

/// Accepts every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("write `harbor.example.com/{path}`")));
        }
        parsed => parsed?,
    };
    if let Some((_, flavor)) = OTHERS.iter().find(|(host, _)| *host == uri.host()) {
        return Err(
            Failure::invalid_input(format!("`{}` is no Harbor", uri.host())).hint(format!("use the flavor `{flavor}`"))
        );
    }
    let path = uri.path();
    if let ["harbor", "projects", ..] | ["harbor", "sign-in"] = path.as_slice() {
        let host = uri.to_string();
        let host = host.split('/').next().unwrap_or_default();
        return Err(Failure::invalid_input(format!("`{uri}` is a web page of Harbor, expected its registry"))
            .hint(format!("write `{host}/<project>`, with the project's name and not its number")));
    }
    let mut accepted = AcceptedUri::new(uri.to_string());
    accepted.warnings.extend(uri.warnings());
    Ok(match path.as_slice() {
        [] => accepted.warning("without a project it stands for every project of this Harbor"),
        _ => accepted,
    })
}
