//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry's host.
pub(crate) const HOST: &str = "registry.cloudflare.com";
/// An account that documents use.
pub(crate) const EXAMPLE_ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";

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
    ("registry.digitalocean.com", "digitalocean"),
];

/// Accepts Cloudflare's registry, and with a warning a host that may stand in front of it.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            let hint = format!("write `{HOST}/{path}`");
            return Err(Failure::from(Error::NoHost(path)).hint(hint));
        }
        Err(Error::UpperCase(part)) => {
            let hint = format!("write `{}`", text.trim_end_matches('/').to_ascii_lowercase());
            return Err(Failure::from(Error::UpperCase(part)).hint(hint));
        }
        parsed => parsed?,
    };
    let host = uri.host();
    if host == HOST {
        return accept_cloudflare(&uri);
    }
    let elsewhere = OTHERS.iter().find(|(end, _)| is_within(host, end));
    if let Some((_, flavor)) = elsewhere {
        return Err(Failure::invalid_input(format!("host `{host}` is not Cloudflare's registry, expected `{HOST}`"))
            .hint(format!("use the flavor `{flavor}` for `{uri}`")));
    }
    if is_within(host, "cloudflare.com")
        || host.split('.').any(|label| label.contains("cloudflare"))
        || is_one_slip_from(host, HOST)
    {
        let path = uri.path();
        let account = path.iter().find(|part| is_account(part)).copied().unwrap_or("<account id>");
        return Err(Failure::invalid_input(format!("host `{host}` is not Cloudflare's registry, expected `{HOST}`"))
            .hint(format!("did you mean `{HOST}/{account}`? If not, use the flavor `default`")));
    }
    check_account(&uri)?;
    let mut accepted = AcceptedUri::new(uri.to_string()).warning(format!(
        "`{host}` is not Cloudflare's own `{HOST}`; it is taken for a host that stands in front of it"
    ));
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

/// The account of a registry's canonical URI.
pub(crate) fn account(uri: &str) -> Result<&str, Failure> {
    uri.split('/').nth(1).filter(|part| is_account(part)).ok_or_else(|| {
        Failure::invalid_input(format!("registry `{uri}` names no account, expected `{HOST}/<account id>`"))
            .hint("register the registry again, with the account's id in its URI")
    })
}

fn accept_cloudflare(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(HOST);
    // 443 is what `https` means anyway.
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected `{HOST}` without one"))
            .hint(format!("write `{canonical}`")));
    }
    check_account(uri)?;
    Ok(AcceptedUri::new(canonical.to_string()))
}

fn check_account(uri: &RegistryUri) -> Result<(), Failure> {
    let host = match uri.port() {
        Some(port) if uri.host() != HOST => format!("{}:{port}", uri.host()),
        _ => uri.host().to_owned(),
    };
    let wrong = match uri.path().first() {
        Some(account) if is_account(account) => return Ok(()),
        Some(account) => format!("`{account}` is not the id of a Cloudflare account, expected 32 hexadecimal digits"),
        None => format!("`{uri}` names no account, expected `{host}/<account id>`"),
    };
    Err(Failure::invalid_input(wrong).hint(format!(
        "write e.g. `{host}/{EXAMPLE_ACCOUNT}`; `wrangler whoami` and the dashboard's address show the id"
    )))
}

fn is_account(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
