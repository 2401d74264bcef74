//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// Longest name of a project.
const MAX_PROJECT: usize = 255;

/// Registries of others, by the end of their hosts, and their flavors.
const OTHERS: [(&str, &str); 9] = [
    ("docker.io", "dockerhub"),
    ("quay.io", "quay"),
    ("ghcr.io", "github"),
    ("gcr.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("azurecr.io", "azure"),
    ("registry.gitlab.com", "gitlab"),
    ("registry.digitalocean.com", "digitalocean"),
    ("registry.cloudflare.com", "cloudflare"),
];

/// Accepts every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("write `harbor.example.com/{path}`")));
        }
        Err(Error::UpperCase(part)) => {
            return Err(match accept(&text.to_ascii_lowercase()) {
                Ok(accepted) => Failure::from(Error::UpperCase(part)).hint(format!("write `{}`", accepted.uri)),
                Err(failure) => failure,
            });
        }
        parsed => parsed?,
    };
    if let Some(flavor) = other(uri.host()) {
        return Err(Failure::invalid_input(format!("`{}` is no Harbor", uri.host()))
            .hint(format!("use the flavor `{flavor}` for `{uri}`")));
    }
    let whole = uri.to_string();
    let authority = whole.split('/').next().unwrap_or_default();
    let path = uri.path();
    if let ["harbor", "projects", ..] | ["harbor", "sign-in"] = path.as_slice() {
        return Err(Failure::invalid_input(format!("`{uri}` is a web page of Harbor, expected its registry"))
            .hint(format!("write `{authority}/<project>`, with the project's name and not its number")));
    }
    let mut accepted = AcceptedUri::new(whole.clone());
    accepted.warnings.extend(uri.warnings());
    Ok(match path.first() {
        None => accepted.warning("without a project it stands for every project of this Harbor"),
        Some(project) => {
            check_project(project, authority)?;
            accepted
        }
    })
}

/// Checks the name of a project: `[a-z0-9]+(?:[._-][a-z0-9]+)*`. Repositories may have more than one separator in a row.
pub(crate) fn check_project(name: &str, authority: &str) -> Result<(), Failure> {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = |part: &str| !part.is_empty() && part.chars().all(alphanumeric);
    if name.len() <= MAX_PROJECT && name.split(['.', '_', '-']).all(good) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{name}` is not the name of a project of Harbor, expected lower-case letters and digits with single `.`, `_` or `-` between them"
    ))
    .hint(format!("write the project's name as Harbor shows it, e.g. `{authority}/ml-team`")))
}

/// The flavor for a host of somebody else. A machine of one's own may be in a cloud, so of AWS only ECR counts.
fn other(host: &str) -> Option<&'static str> {
    if host.contains(".dkr.ecr.") || host == "public.ecr.aws" {
        return Some("aws");
    }
    OTHERS.iter().find(|(end, _)| is_within(host, end)).map(|(_, flavor)| *flavor)
}
