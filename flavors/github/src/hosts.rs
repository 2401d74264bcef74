//! The hosts of GitHub: its registries, its APIs, its web site, and look-alikes.

use crhost_flavor::uri::{is_one_slip_from, is_within};

/// The registry of github.com.
pub(crate) const GHCR: &str = "ghcr.io";
/// The API of github.com.
pub(crate) const API: &str = "https://api.github.com";

/// The kind of a host.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The registry of github.com, of an enterprise on ghe.com, or of an Enterprise Server.
    Registry,
    /// The registry before ghcr.io, which takes no images any more.
    Retired,
    /// The web site, whose addresses users copy from the browser.
    WebSite,
    /// A typing error away from ghcr.io, or made to look like it.
    NearMiss,
    /// Anything else, e.g. a host that stands in front of the registry.
    Unknown,
}

/// The kind of a host, lower case and without port.
pub(crate) fn kind(host: &str) -> Kind {
    if host == GHCR || is_enterprise(host) {
        return Kind::Registry;
    }
    match host {
        // Of github.com and of Enterprise Servers.
        _ if host.starts_with("docker.pkg.") => Kind::Retired,
        _ if is_within(host, "github.com") || is_within(host, "ghe.com") || host.contains("githubusercontent") => {
            Kind::WebSite
        }
        _ if host.split('.').any(|label| label.contains("ghcr")) || is_one_slip_from(host, GHCR) => Kind::NearMiss,
        _ => Kind::Unknown,
    }
}

/// The API of a registry's host; `None` for a host whose API can't be derived.
pub(crate) fn api_of(host: &str) -> Option<String> {
    match host.strip_prefix("containers.").filter(|rest| is_within(rest, "ghe.com")) {
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
        None => rest.contains('.') && !is_within(rest, "github.com") && rest != "ghe.com" && !rest.contains("ghcr"),
    }
}
