//! What a user may call a registry of this flavor, and what it is called in canonical form.

use crhost_flavor::uri::{Error, RegistryUri, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The host that canonical URIs have.
pub(crate) const QUAY: &str = "quay.io";

/// Hosts that people take for it, beside those that are a typing error away.
const MISTAKEN: [&str; 6] = ["quay.com", "www.quay.com", "quay.net", "quay.org", "quayio.com", "quay-io.com"];

/// Registries of others, by the end of their hosts, and their flavors.
const OTHERS: [(&str, &str); 8] = [
    ("docker.io", "dockerhub"),
    ("ghcr.io", "github"),
    ("gcr.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("azurecr.io", "azure"),
    ("registry.gitlab.com", "gitlab"),
    ("registry.digitalocean.com", "digitalocean"),
    ("registry.cloudflare.com", "cloudflare"),
];

/// Accepts quay.io and every host that is not known to be something else.
pub(crate) fn accept(text: &str) -> Result<AcceptedUri, Failure> {
    let uri = match RegistryUri::parse(text) {
        Err(Error::NoHost(path)) => {
            return Err(Failure::from(Error::NoHost(path.clone())).hint(format!("did you mean `{QUAY}/{path}`?")));
        }
        Err(Error::UpperCase(part)) => {
            return Err(match accept(&text.to_ascii_lowercase()) {
                Ok(accepted) => Failure::from(Error::UpperCase(part)).hint(format!("write `{}`", accepted.uri)),
                Err(failure) => failure,
            });
        }
        parsed => parsed?,
    };
    let host = uri.host();
    if host == QUAY {
        return accept_quay(&uri);
    }
    if is_look_alike(host) {
        return Err(Failure::invalid_input(format!("host `{host}` is not Quay's registry, expected `{QUAY}`"))
            .hint(format!("did you mean `{}`? If not, use the flavor `default`", uri.on_host(QUAY))));
    }
    if let Some(flavor) = other(host) {
        return Err(Failure::invalid_input(format!("`{host}` is no Quay"))
            .hint(format!("use the flavor `{flavor}` for `{uri}`")));
    }
    refuse_page(&uri)?;
    let mut accepted = AcceptedUri::new(uri.to_string());
    accepted.warnings.extend(uri.warnings());
    Ok(accepted)
}

fn accept_quay(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let canonical = uri.on_host(QUAY);
    // 443 is what `https` means anyway.
    if uri.port().is_some_and(|port| port != 443) {
        return Err(Failure::invalid_input(format!("`{uri}` has a port, expected `{QUAY}` without one"))
            .hint(format!("write `{canonical}`")));
    }
    refuse_page(&canonical)?;
    let accepted = AcceptedUri::new(canonical.to_string());
    match uri.path().first() {
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

/// Refuses the address of a page of the web site, which people copy from the browser.
fn refuse_page(uri: &RegistryUri) -> Result<(), Failure> {
    match uri.path().as_slice() {
        ["repository" | "organization" | "user", rest @ ..] if !rest.is_empty() => {
            let whole = uri.to_string();
            let authority = whole.split('/').next().unwrap_or_default();
            Err(Failure::invalid_input(format!("`{uri}` is a web page of Quay, expected its registry"))
                .hint(format!("write `{authority}/{}`", rest.join("/"))))
        }
        _ => Ok(()),
    }
}

/// Says whether `host` can only have been meant as quay.io, or is made to look like it.
fn is_look_alike(host: &str) -> bool {
    MISTAKEN.contains(&host)
        || host.ends_with(".quay.io")
        || host.starts_with("quay.io.")
        || host.contains(".quay.io.")
        || is_one_slip_from(host, QUAY)
}

/// The flavor for a host of somebody else. A machine of one's own may be in a cloud, so of AWS only ECR counts.
fn other(host: &str) -> Option<&'static str> {
    if host.contains(".dkr.ecr.") || host == "public.ecr.aws" {
        return Some("aws");
    }
    OTHERS.iter().find(|(end, _)| is_within(host, end)).map(|(_, flavor)| *flavor)
}
