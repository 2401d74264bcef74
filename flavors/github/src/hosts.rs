//! The hosts of GitHub: its registries, its APIs, what is neither, and what looks like them.

/// The registry of github.com.
pub(crate) const GHCR: &str = "ghcr.io";
/// The API of github.com.
pub(crate) const API: &str = "https://api.github.com";

/// Registries of others, by the end of their hosts, and their flavors.
const OTHERS: [(&str, &str); 9] = [
    ("gcr.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("docker.io", "dockerhub"),
    ("azurecr.io", "azure"),
    ("amazonaws.com", "aws"),
    ("quay.io", "quay"),
    ("registry.gitlab.com", "gitlab"),
    ("registry.digitalocean.com", "digitalocean"),
    ("registry.cloudflare.com", "cloudflare"),
];

/// What a host is to GitHub.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The registry of github.com, of an enterprise on ghe.com, or of an Enterprise Server.
    Registry,
    /// The registry before ghcr.io, which takes no images any more.
    Retired,
    /// GitHub itself, whose addresses people copy from the browser.
    WebSite,
    /// A registry of somebody else, and the flavor for it.
    Other(&'static str),
    /// A typing error away from ghcr.io, or made to look like it.
    NearMiss,
    /// Anything else, e.g. a host that stands in front of the registry.
    Unknown,
}

/// Says what a host, lower case and without port, is.
pub(crate) fn kind(host: &str) -> Kind {
    if host == GHCR || is_enterprise(host) {
        return Kind::Registry;
    }
    if let Some((_, flavor)) = OTHERS.iter().find(|(end, _)| within(host, end)) {
        return Kind::Other(flavor);
    }
    match host {
        // Of github.com and of Enterprise Servers.
        _ if host.starts_with("docker.pkg.") => Kind::Retired,
        _ if within(host, "github.com") || within(host, "ghe.com") || host.contains("githubusercontent") => {
            Kind::WebSite
        }
        _ if host.split('.').any(|label| label.contains("ghcr")) || one_slip_apart(host, GHCR) => Kind::NearMiss,
        _ => Kind::Unknown,
    }
}

/// The API that belongs to a registry's host; none where the host does not tell.
pub(crate) fn api_of(host: &str) -> Option<String> {
    match host.strip_prefix("containers.").filter(|rest| within(rest, "ghe.com")) {
        _ if host == GHCR => Some(API.to_owned()),
        Some(enterprise) if is_enterprise(host) => Some(format!("https://api.{enterprise}")),
        _ => None,
    }
}

/// `containers.<enterprise>.ghe.com` or `containers.<host of an Enterprise Server>`.
fn is_enterprise(host: &str) -> bool {
    let Some(rest) = host.strip_prefix("containers.") else { return false };
    match rest.strip_suffix(".ghe.com") {
        Some(enterprise) => !enterprise.contains('.'),
        None => rest.contains('.') && !within(rest, "github.com") && rest != "ghe.com" && !rest.contains("ghcr"),
    }
}

/// Says whether `host` is `domain` or a name below it.
fn within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Says whether one letter added, left out, changed, or swapped with its neighbour makes `a` into `b`.
fn one_slip_apart(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.get(prefix..).unwrap_or_default(), b.get(prefix..).unwrap_or_default());
    match (a, b) {
        ([x0, x1, a @ ..], [y0, y1, b @ ..]) if x0 == y1 && x1 == y0 && a == b => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([_, rest @ ..], _) if rest == b => true,
        (_, [_, rest @ ..]) if rest == a => true,
        _ => false,
    }
}
