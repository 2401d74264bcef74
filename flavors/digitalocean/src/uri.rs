//! URIs of DigitalOcean's registries.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from};
use crhost_flavor::{AcceptedUri, Failure};

/// The host of all registries.
pub(crate) const HOST: &str = "registry.digitalocean.com";
/// Longest name of a registry (DigitalOcean's API, creation of a registry).
const MAX_NAME: usize = 63;

/// DigitalOcean runs all registries below one host; another host may stand in front of it.
pub(crate) const RULES: Rules = Rules {
    flavor: "digitalocean",
    example: "registry.digitalocean.com/my-registry",
    no_host: |path| format!("write `{HOST}/{path}`"),
    lower_case: "",
    not_ours: Some(|uri| PUBLIC.refuse(uri.host())),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: HOST,
    owner: "DigitalOcean",
    is_mistaken: |host| host.split('.').any(|label| label.contains("digitalocean")) || is_one_slip_from(host, HOST),
    meant: |uri| {
        let path = uri.path();
        // The address of the control panel's page is `cloud.digitalocean.com/registry`.
        let name = path.iter().find(|part| is_name(part) && **part != "registry").copied();
        format!("{HOST}/{}", name.unwrap_or("<registry>"))
    },
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    PUBLIC.accept(uri, check_name)
}

/// The registry's name in its canonical URI.
pub(crate) fn name(uri: &str) -> Result<&str, Failure> {
    uri.split('/').nth(1).filter(|part| is_name(part)).ok_or_else(|| {
        Failure::invalid_input(format!("registry `{uri}` has no name, expected `{HOST}/<registry>`"))
            .hint("register the registry again, with its name in the URI")
    })
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

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(allowed)
}
