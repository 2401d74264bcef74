//! URIs of IBM Cloud's registry: `[private.][<region>.]icr.io/<namespace>/…`
//! (<https://cloud.ibm.com/docs/Registry?topic=Registry-registry_overview#registry_regions>, and
//! `REGIONAL_ENDPOINTS` of `ibm-container-registry` 1.1.5).

use crhost_flavor::uri::{RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

/// The registry's domain, which is the host of the global registry as well.
pub(crate) const DOMAIN: &str = "icr.io";

/// Labels of the regions in front of the domain. New ones come: an unknown one is a warning.
const REGIONS: [&str; 9] = ["us", "uk", "de", "jp", "jp2", "au", "ca", "br", "fr2"];

/// A namespace is in a region; a host may stand in front of it.
pub(crate) const RULES: Rules = Rules {
    flavor: "ibm",
    example: "us.icr.io/my-namespace",
    no_host: |path| format!("write `us.{DOMAIN}/{path}`, with your region"),
    lower_case: ": a namespace has none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not IBM's registry", uri.host()))),
    grammar,
};

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let host = uri.host();
    let mut warning = None;
    let canonical = if is_within(host, DOMAIN) {
        let region = host.strip_suffix(DOMAIN).unwrap_or_default().trim_end_matches('.');
        let region = region.strip_prefix("private.").unwrap_or(region);
        if region.contains('.') || region == "www" {
            return Err(no_registry(uri));
        }
        if !region.is_empty() && region != "private" && !REGIONS.contains(&region) {
            warning = Some(format!("`{region}` is not a region of IBM's registry that crhost knows"));
        }
        uri.without_port("IBM's registry")?
    } else {
        let end = host.split_once('.').map_or(host, |(_, end)| end);
        if has_domain_inside(host, DOMAIN)
            || is_one_slip_from(end, DOMAIN)
            || is_one_slip_from(host, DOMAIN)
            || is_within(host, "bluemix.net")
            || is_within(host, "cloud.ibm.com")
        {
            return Err(no_registry(uri));
        }
        warning =
            Some(format!("`{host}` is not IBM's own; it is taken for a host that stands in front of its registry"));
        uri.clone()
    };
    let authority = canonical.authority();
    match canonical.path().first() {
        Some(namespace) if is_namespace(namespace) => {}
        Some(namespace) => {
            return Err(Failure::invalid_input(format!(
                "`{namespace}` is not a namespace of IBM's registry, expected 4 to 30 lower-case letters, digits, `-` \
                 or `_`"
            ))
            .hint(format!("write `{authority}/<namespace>`; `ibmcloud cr namespace-list` shows them")));
        }
        None => {
            return Err(Failure::invalid_input(format!("`{canonical}` names no namespace"))
                .hint(format!("write `{authority}/<namespace>`; `ibmcloud cr namespace-list` shows them")));
        }
    }
    Ok(AcceptedUri::new(canonical.to_string()).warnings(warning))
}

/// The failure for a host that is not IBM's registry, and may have been meant as it.
fn no_registry(uri: &RegistryUri) -> Failure {
    let region = uri.host().split('.').find(|label| REGIONS.contains(label)).unwrap_or("us");
    let namespace = uri.path().first().copied().filter(|part| is_namespace(part)).unwrap_or("my-namespace").to_owned();
    Failure::invalid_input(format!("host `{}` is not IBM's registry, expected `[<region>.]{DOMAIN}`", uri.host()))
        .hint(format!("did you mean `{region}.{DOMAIN}/{namespace}`? If not, use the flavor `default`"))
}

/// Whether a text is a namespace (`ibmcloud cr namespace-add`: 4 to 30 characters, letters or digits at both ends).
fn is_namespace(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (4..=30).contains(&text.len()) && text.bytes().all(inside)
}
