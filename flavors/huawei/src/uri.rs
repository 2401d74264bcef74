//! URIs of Huawei Cloud's registry (SWR): `swr.<region>.myhuaweicloud.com/<organization>/…`
//! (<https://support.huaweicloud.com/intl/en-us/api-swr/swr_02_0001.html>; regions as `SwrRegion` of
//! `huaweicloudsdkswr` 3.1.219 has them).

use crhost_flavor::uri::{RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within, last_labels};
use crhost_flavor::{AcceptedUri, Failure};

/// Domains of Huawei Cloud, the second one for Europe.
const DOMAINS: [&str; 2] = ["myhuaweicloud.com", "myhuaweicloud.eu"];

/// An organization is in a region; a host may stand in front of it.
pub(crate) const RULES: Rules = Rules {
    flavor: "huawei",
    example: "swr.eu-west-101.myhuaweicloud.eu/acme",
    no_host: |path| format!("write `swr.eu-west-101.myhuaweicloud.eu/{path}`, with your region"),
    lower_case: ": an organization has none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not Huawei Cloud's registry", uri.host()))),
    grammar,
};

/// The region and the domain of a host, lower case and without port; `None` if it is not Huawei Cloud's registry.
pub(crate) fn region(host: &str) -> Option<(&str, &'static str)> {
    let domain = DOMAINS.into_iter().find(|domain| is_within(host, domain))?;
    let region = host.strip_suffix(domain)?.strip_suffix('.')?.strip_prefix("swr.")?;
    is_region(region).then_some((region, domain))
}

/// Whether a text has the form of a region, e.g. `cn-north-4`.
fn is_region(text: &str) -> bool {
    let good = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.matches('-').count() >= 2 && text.split('-').all(good)
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let host = uri.host();
    let (canonical, warning) = match region(host) {
        Some(_) => (uri.without_port("Huawei Cloud's registry")?, None),
        None if is_mistaken(host) => return Err(no_registry(uri)),
        None => {
            let words = "is not Huawei Cloud's own; it is taken for a host that stands in front of its registry";
            (uri.clone(), Some(format!("`{host}` {words}")))
        }
    };
    if canonical.path().is_empty() {
        return Err(Failure::invalid_input(format!("`{canonical}` names no organization")).hint(format!(
            "write e.g. `{}/acme`, with the organization as the console shows it",
            canonical.authority()
        )));
    }
    Ok(AcceptedUri::new(canonical.to_string()).warnings(warning))
}

/// Whether a host can only have been meant as Huawei Cloud's.
fn is_mistaken(host: &str) -> bool {
    let end = last_labels(host, 2);
    DOMAINS.iter().any(|domain| has_domain_inside(host, domain) || is_one_slip_from(end, domain))
        || is_within(host, "huaweicloud.com")
}

fn no_registry(uri: &RegistryUri) -> Failure {
    let region = uri.host().split('.').find(|label| is_region(label)).unwrap_or("cn-north-4");
    let organization = uri.path().first().copied().unwrap_or("acme").to_owned();
    Failure::invalid_input(format!(
        "host `{}` is not Huawei Cloud's registry, expected `swr.<region>.{}`",
        uri.host(),
        DOMAINS[0]
    ))
    .hint(format!("did you mean `swr.{region}.{}/{organization}`? If not, use the flavor `default`", DOMAINS[0]))
}
