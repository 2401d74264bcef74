//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry's host.
pub(crate) const HOST: &str = "registry.digitalocean.com";
/// Longest name of a registry (DigitalOcean's API, creation of a registry).
const MAX_NAME: usize = 63;

/// Registries of others, by the end of their hosts, and their flavors.
const OTHERS: [(&str, &str); 9] = [
    ("docker.io", "dockerhub"),
    ("ghcr.io", "github"),
    ("gcr.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("azurecr.io", "azure"),
    ("amazonaws.com", "aws"),
    ("quay.io", "quay"),
    ("registry.gitlab.com", "gitlab"),
    ("registry.cloudflare.com", "cloudflare"),
];

/// Accepts DigitalOcean's registry, and with a warning a host that may stand in front of it.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            let hint = format!("write `{HOST}/{path}`");
            return Err(Failure::from(Error::NoHost(path)).hint(hint));
        }
        parsed => parsed?,
    };
    let host = uri.host();
    if host == HOST {
        return accept_digitalocean(&uri);
    }
    let elsewhere = OTHERS.iter().find(|(end, _)| is_within(host, end));
    if let Some((_, flavor)) = elsewhere {
        return Err(not_ours(host).hint(format!("use the flavor `{flavor}` for `{uri}`")));
    }
    if is_within(host, "digitalocean.com")
        || host.split('.').any(|label| label.contains("digitalocean"))
        || is_one_slip_from(host, HOST)
    {
        let path = uri.path();
        // The address of the control panel's page is `cloud.digitalocean.com/registry`.
        let name = path.iter().find(|part| is_name(part) && **part != "registry").copied().unwrap_or("<registry>");
        return Err(not_ours(host).hint(format!("did you mean `{HOST}/{name}`? If not, use the flavor `default`")));
    }
    check_name(&uri)?;
    let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
        "`{host}` is not DigitalOcean's own `{HOST}`; it is taken for a host that stands in front of it"
    ));
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

/// The registry's name in its canonical URI.
pub(crate) fn name(uri: &str) -> Result<&str, Failure> {
    uri.split('/').nth(1).filter(|part| is_name(part)).ok_or_else(|| {
        Failure::invalid_input(format!("registry `{uri}` has no name, expected `{HOST}/<registry>`"))
            .hint("register the registry again, with its name in the URI")
    })
}

fn accept_digitalocean(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(HOST);
    // 443 is what `https` means anyway.
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected `{HOST}` without one"))
            .hint(format!("write `{canonical}`")));
    }
    check_name(uri)?;
    Ok(AcceptedUri::new(canonical.to_string()))
}

fn check_name(uri: &RegistryUri) -> Result<(), Failure> {
    let wrong = match uri.path().first() {
        Some(name) if is_name(name) => return Ok(()),
        Some(name) => {
            format!("`{name}` is not a registry's name, expected 1 to {MAX_NAME} lower-case letters, digits or `-`")
        }
        None => format!("`{uri}` names no registry, expected `<host>/<registry>`"),
    };
    Err(Failure::invalid_input(wrong)
        .hint(format!("write e.g. `{HOST}/my-registry`; `doctl registries list` shows the names")))
}

fn not_ours(host: &str) -> Failure {
    Failure::invalid_input(format!("host `{host}` is not DigitalOcean's registry, expected `{HOST}`"))
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
}
