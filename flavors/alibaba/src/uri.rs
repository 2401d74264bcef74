//! URIs of Alibaba Cloud's registries, by the hosts that Harbor's adapter and Alibaba's pages have
//! (<https://www.alibabacloud.com/help/en/acr/user-guide/push-and-pull-images>):
//! `<instance>-registry[-vpc].<region>.cr.aliyuncs.com` of the Enterprise Edition,
//! `registry[-vpc|-internal].<region>.aliyuncs.com` and
//! `crpi-<id>.<region>.personal.cr.aliyuncs.com` of the personal one.

use crhost_flavor::uri::{RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within, last_labels};
use crhost_flavor::{AcceptedUri, Failure};

/// The domain of Alibaba Cloud's services.
const DOMAIN: &str = "aliyuncs.com";

/// A registry has namespaces; an instance may have a host of its own.
pub(crate) const RULES: Rules = Rules {
    flavor: "alibaba",
    example: "acme-registry.eu-central-1.cr.aliyuncs.com/team",
    no_host: |path| format!("write `acme-registry.eu-central-1.cr.aliyuncs.com/{path}`, with your instance and region"),
    lower_case: ": a namespace has none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not Alibaba Cloud's registry", uri.host()))),
    grammar,
};

/// A host of Alibaba Cloud's.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Host<'a> {
    /// An instance of the Enterprise Edition, in a region.
    Instance(&'a str),
    /// The personal edition, in a region.
    Personal(&'a str),
}

impl<'a> Host<'a> {
    /// Reads a host, lower case and without port; `None` if it is not a registry of Alibaba Cloud's.
    pub(crate) fn read(host: &'a str) -> Option<Self> {
        let labels: Vec<&str> = host.strip_suffix(DOMAIN)?.strip_suffix('.')?.split('.').collect();
        match labels.as_slice() {
            ["registry" | "registry-vpc" | "registry-internal", region] => {
                is_region(region).then_some(Self::Personal(region))
            }
            [name, region, "cr"] => {
                let name = name.strip_suffix("-vpc").unwrap_or(name).strip_suffix("-registry")?;
                (!name.is_empty() && is_region(region)).then_some(Self::Instance(region))
            }
            [name, region, "personal", "cr"] => {
                (name.starts_with("crpi-") && is_region(region)).then_some(Self::Personal(region))
            }
            _ => None,
        }
    }
}

/// Whether a text has the form of a region, e.g. `cn-hangzhou` or `ap-southeast-1`.
fn is_region(text: &str) -> bool {
    let good = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let mut parts = text.split('-');
    parts.next().is_some_and(|area| area.len() == 2) && text.contains('-') && text.split('-').all(good)
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let host = uri.host();
    let (canonical, warning) = match Host::read(host) {
        Some(_) => (uri.without_port("Alibaba Cloud's registry")?, None),
        None if is_mistaken(host) => return Err(no_registry(uri)),
        None => {
            (uri.clone(), Some(format!("`{host}` is not Alibaba Cloud's own; it is taken for the host of an instance")))
        }
    };
    let authority = canonical.authority();
    match canonical.path().first() {
        Some(namespace) if is_namespace(namespace) => Ok(AcceptedUri::new(canonical.to_string()).warnings(warning)),
        Some(namespace) => Err(Failure::invalid_input(format!(
            "`{namespace}` is not a namespace of Alibaba Cloud's registry, expected 2 to 120 lower-case letters, digits, `.`, \
             `_` or `-`"
        ))
        .hint(format!("write e.g. `{authority}/team`, with the namespace as the console shows it"))),
        None => Err(Failure::invalid_input(format!("`{canonical}` names no namespace"))
            .hint(format!("write e.g. `{authority}/team`, with the namespace as the console shows it"))),
    }
}

/// Whether a host can only have been meant as one of Alibaba Cloud's.
fn is_mistaken(host: &str) -> bool {
    has_domain_inside(host, DOMAIN) || is_one_slip_from(last_labels(host, 2), DOMAIN) || is_within(host, "aliyun.com")
}

fn no_registry(uri: &RegistryUri) -> Failure {
    let region =
        uri.host().split('.').find(|label| is_region(label) && !label.contains("registry")).unwrap_or("eu-central-1");
    let namespace = uri.path().first().copied().filter(|part| is_namespace(part)).unwrap_or("team").to_owned();
    let meant = match uri.host().split('.').next().filter(|label| label.ends_with("-registry")) {
        Some(label) => format!("{label}.{region}.cr.{DOMAIN}"),
        None => format!("registry.{region}.{DOMAIN}"),
    };
    Failure::invalid_input(format!(
        "host `{}` is not Alibaba Cloud's registry, expected `<instance>-registry.<region>.cr.{DOMAIN}` or \
         `registry.<region>.{DOMAIN}`",
        uri.host()
    ))
    .hint(format!("did you mean `{meant}/{namespace}`? If not, use the flavor `default`"))
}

/// Whether a text is a namespace: 2 to 120 characters (`CreateNamespace` of the API).
fn is_namespace(text: &str) -> bool {
    (2..=120).contains(&text.len())
}
