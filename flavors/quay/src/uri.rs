//! URIs of Quay's registries.

use crhost_flavor::uri::{PublicHost, RegistryUri, Rules, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The public registry.
pub(crate) const QUAY: &str = "quay.io";

/// Hosts that people take for it, beside those that are a typing error away.
const MISTAKEN: [&str; 6] = ["quay.com", "www.quay.com", "quay.net", "quay.org", "quayio.com", "quay-io.com"];

/// Quay runs on any host, so that only hosts that are known to be of another kind are refused.
pub(crate) const RULES: Rules = Rules {
    flavor: "quay",
    example: "quay.io/acme",
    no_host: |path| format!("did you mean `{QUAY}/{path}`?"),
    lower_case: "",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is no Quay", uri.host()))),
    grammar,
};

const PUBLIC: PublicHost = PublicHost {
    host: QUAY,
    owner: "Quay",
    is_mistaken: |host| MISTAKEN.contains(&host) || is_within(host, QUAY) || is_one_slip_from(host, QUAY),
    meant: |uri| uri.on_host(QUAY).to_string(),
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let public = PUBLIC.canonical(uri)?;
    let canonical = public.as_ref().unwrap_or(uri);
    refuse_page(canonical)?;
    let accepted = AcceptedUri::new(canonical.to_string());
    match canonical.path().first() {
        _ if public.is_none() => Ok(accepted),
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

/// Refuses the address of a page of the web site, which users copy from the browser.
fn refuse_page(uri: &RegistryUri) -> Result<(), Failure> {
    match uri.path().as_slice() {
        ["repository" | "organization" | "user", rest @ ..] if !rest.is_empty() => Err(Failure::invalid_input(
            format!("`{uri}` is a web page of Quay, expected its registry"),
        )
        .hint(format!("write `{}/{}`", uri.authority(), rest.join("/")))),
        _ => Ok(()),
    }
}
