//! URIs of Tencent Cloud's registries (<https://www.tencentcloud.com/document/product/1051>): instances of the
//! Enterprise Edition, `<instance>[-vpc].tencentcloudcr.com/<namespace>/…`, and the personal edition,
//! `[<area>]ccr.ccs.tencentyun.com/<namespace>/…`.

use crhost_flavor::uri::{RegistryUri, Rules, has_domain_inside, is_one_slip_from, is_within, last_labels};
use crhost_flavor::{AcceptedUri, Failure};

/// The domain of instances.
const INSTANCES: &str = "tencentcloudcr.com";

/// The end of the hosts of the personal edition, which some areas put letters in front of, e.g. `hkccr`.
const PERSONAL: &str = "ccr.ccs.tencentyun.com";

/// A registry has namespaces; an instance may have a host of its own.
pub(crate) const RULES: Rules = Rules {
    flavor: "tencent",
    example: "acme.tencentcloudcr.com/team",
    no_host: |path| format!("write `acme.tencentcloudcr.com/{path}`, with your instance"),
    lower_case: ": a namespace has none",
    not_ours: Some(|uri| Failure::invalid_input(format!("`{}` is not Tencent Cloud's registry", uri.host()))),
    grammar,
};

/// The name of the instance that a host, lower case and without port, stands for.
pub(crate) fn instance(host: &str) -> Option<&str> {
    let name = host.strip_suffix(INSTANCES)?.strip_suffix('.')?;
    let name = name.strip_suffix("-vpc").unwrap_or(name);
    (!name.is_empty() && !name.contains('.') && name != "www").then_some(name)
}

fn is_personal(host: &str) -> bool {
    host.strip_suffix(PERSONAL).is_some_and(|area| area.len() <= 6 && area.bytes().all(|b| b.is_ascii_lowercase()))
}

fn grammar(uri: &RegistryUri) -> Result<AcceptedUri, Failure> {
    let host = uri.host();
    let (canonical, warning) = match instance(host).is_some() || is_personal(host) {
        true => (uri.without_port("Tencent Cloud's registry")?, None),
        false if is_mistaken(host) => return Err(no_registry(uri)),
        false => {
            (uri.clone(), Some(format!("`{host}` is not Tencent Cloud's own; it is taken for the host of an instance")))
        }
    };
    if canonical.path().is_empty() {
        return Err(Failure::invalid_input(format!("`{canonical}` names no namespace"))
            .hint(format!("write e.g. `{}/team`, with the namespace as the console shows it", canonical.authority())));
    }
    Ok(AcceptedUri::new(canonical.to_string()).warnings(warning))
}

/// Whether a host can only have been meant as one of Tencent Cloud's.
fn is_mistaken(host: &str) -> bool {
    has_domain_inside(host, INSTANCES)
        || has_domain_inside(host, PERSONAL)
        || is_one_slip_from(last_labels(host, 2), INSTANCES)
        || is_one_slip_from(last_labels(host, 4), PERSONAL)
        || is_within(host, "ccs.tencentyun.com")
        || is_within(host, "cloud.tencent.com")
}

fn no_registry(uri: &RegistryUri) -> Failure {
    let namespace = uri.path().first().copied().unwrap_or("team").to_owned();
    let first = uri.host().split('.').next().unwrap_or_default();
    let meant =
        match first.len() > 3 && !["cloud", "console", "tencentcloudcr"].contains(&first) && !first.contains("ccr") {
            true => format!("{first}.{INSTANCES}"),
            false if first.contains("ccr") => PERSONAL.to_owned(),
            false => format!("acme.{INSTANCES}"),
        };
    Failure::invalid_input(format!(
        "host `{}` is not Tencent Cloud's registry, expected `<instance>.{INSTANCES}` or `{PERSONAL}`",
        uri.host()
    ))
    .hint(format!("did you mean `{meant}/{namespace}`? If not, use the flavor `default`"))
}
