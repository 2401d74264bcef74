//! URIs of Oracle's registries: `<region-key>.ocir.io/<tenancy namespace>/…` and
//! `ocir.<region>.oci.oraclecloud.com/<tenancy namespace>/…`
//! (<https://docs.oracle.com/en-us/iaas/Content/Registry/Concepts/registryprerequisites.htm>).

use crhost_flavor::uri::{RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within};
use crhost_flavor::{AcceptedUri, Failure};

use crate::region::{REALMS, by_key, is_known};

/// The domain of the hosts that begin with a region's key.
const SHORT: &str = "ocir.io";

/// Registries are in tenancies; a host may stand in front of one.
pub(crate) const RULES: Rules = Rules {
    flavor: "oracle",
    example: "fra.ocir.io/mytenancy",
    no_host: |path| format!("write `fra.ocir.io/{path}`, with your region's key"),
    lower_case: ": a tenancy's namespace has none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not Oracle's registry", uri.host()))),
    grammar,
};

/// How a host is one of Oracle's.
enum Host<'a> {
    /// By the key of its region.
    Key(&'a str),
    /// By the name of its region.
    Region,
    /// It is none of Oracle's.
    Other,
}

fn host(host: &str) -> Option<Host<'_>> {
    if is_within(host, SHORT) {
        let key = host.strip_suffix(SHORT)?.strip_suffix('.')?;
        return (key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(Host::Key(key));
    }
    let Some(realm) = REALMS.iter().find(|realm| is_within(host, realm)) else { return Some(Host::Other) };
    let region = host.strip_suffix(realm)?.strip_prefix("ocir.")?.strip_suffix(".oci.")?;
    let parts: Vec<&str> = region.split('-').collect();
    let words = parts.iter().all(|part| !part.is_empty());
    let number = parts.last().is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    (parts.len() >= 3 && words && number && !region.contains('.')).then_some(Host::Region)
}

/// The region of a host of Oracle's, and the domain of its realm.
pub(crate) fn region(host: &str) -> Option<(&str, &str)> {
    match self::host(host)? {
        Host::Key(key) => by_key(key),
        Host::Region => host.strip_prefix("ocir.")?.split_once(".oci."),
        Host::Other => None,
    }
}

/// Whether a host is made to look like one of Oracle's, or was mistyped.
fn is_mistaken(host: &str) -> bool {
    let end = host.split_once('.').map_or(host, |(_, end)| end);
    has_domain_inside(host, SHORT)
        || REALMS.iter().any(|realm| has_domain_inside(host, realm))
        || is_one_slip_from(end, SHORT)
        || host.starts_with("ocir.")
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let (found, canonical) = match host(uri.host()) {
        Some(Host::Other) if !is_mistaken(uri.host()) => (Host::Other, uri.clone()),
        None | Some(Host::Other) => return Err(no_registry(uri)),
        Some(found) => (found, uri.without_port("Oracle's registry")?),
    };
    let authority = canonical.authority();
    match canonical.path().first() {
        Some(namespace) if is_namespace(namespace) => {}
        Some(namespace) => {
            return Err(Failure::invalid_input(format!(
                "`{namespace}` is not the namespace of a tenancy, expected lower-case letters and digits"
            ))
            .hint(format!("write `{authority}/<namespace>`; `oci os ns get` shows it")));
        }
        None => {
            return Err(Failure::invalid_input(format!("`{canonical}` names no tenancy, expected its namespace"))
                .hint(format!("write `{authority}/<namespace>`; `oci os ns get` shows it")));
        }
    }
    let accepted = AcceptedUri::new(canonical.to_string());
    Ok(match found {
        Host::Key(key) if !is_known(key) => {
            accepted.warning(format!("`{key}` is not the key of a region of Oracle's that crhost knows"))
        }
        Host::Other => accepted.warning(format!(
            "`{}` is not Oracle's own; it is taken for a host that stands in front of its registry",
            uri.host()
        )),
        Host::Key(_) | Host::Region => accepted,
    })
}

/// The failure for a host that is not a registry of Oracle's, and may have been meant as one.
fn no_registry(uri: &RegistryUri) -> Failure {
    let message = format!(
        "host `{}` is not Oracle's registry, expected `<region key>.{SHORT}` or `ocir.<region>.oci.oraclecloud.com`",
        uri.host()
    );
    let key = uri.host().split('.').next().filter(|key| is_known(key)).unwrap_or("fra");
    let namespace = uri.path().first().copied().filter(|part| is_namespace(part)).unwrap_or("mytenancy").to_owned();
    Failure::invalid_input(message)
        .hint(format!("did you mean `{key}.{SHORT}/{namespace}`? If not, use the flavor `default`"))
}

fn is_namespace(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}
