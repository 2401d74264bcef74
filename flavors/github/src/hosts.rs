//! The hosts of GitHub: its registries, its APIs, its web site, and look-alikes.

use crhost_flavor::uri::{is_one_slip_from, is_within};

/// The registry of github.com.
pub(crate) const GHCR: &str = "ghcr.io";
/// The API of github.com.
pub(crate) const API: &str = "https://api.github.com";

/// The kind of a host.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// The registry of github.com, or of an enterprise on ghe.com.
    Registry,
    /// What has the form of an Enterprise Server's registry: any host behind `containers.`.
    EnterpriseServer,
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
    if host == GHCR || enterprise(host).is_some() {
        return Kind::Registry;
    }
    match host {
        _ if server(host).is_some() => Kind::EnterpriseServer,
        "docker.pkg.github.com" => Kind::Retired,
        // An Enterprise Server's registry before `containers.HOST` was at `docker.HOST`, with subdomain isolation
        // (GitHub's documentation of Enterprise Server, "Working with the Docker registry").
        _ if host.starts_with("docker.") && has_label(host, "github") => Kind::Retired,
        _ if is_within(host, "github.com") || is_within(host, "ghe.com") || host.contains("githubusercontent") => {
            Kind::WebSite
        }
        _ if host.split('.').any(|label| label.contains("ghcr")) || is_one_slip_from(host, GHCR) => Kind::NearMiss,
        _ => Kind::Unknown,
    }
}

/// The API of a registry's host; `None` for a host whose API can't be derived, or is not known to this flavor.
pub(crate) fn api_of(host: &str) -> Option<String> {
    match enterprise(host) {
        _ if host == GHCR => Some(API.to_owned()),
        enterprise => enterprise.map(|enterprise| format!("https://api.{enterprise}")),
    }
}

/// The API of an Enterprise Server (GitHub's documentation, "Getting started with the REST API"), which the user has
/// to grant by writing it.
pub(crate) fn api_of_server(host: &str) -> Option<String> {
    server(host).map(|server| format!("https://{server}/api/v3"))
}

/// The enterprise's host behind `containers.<enterprise>.ghe.com`.
fn enterprise(host: &str) -> Option<&str> {
    let rest = host.strip_prefix("containers.")?;
    let name = rest.strip_suffix(".ghe.com")?;
    (!name.contains('.')).then_some(rest)
}

/// The server's host behind `containers.<host>`. GitHub's own domains have no servers of others.
fn server(host: &str) -> Option<&str> {
    let rest = host.strip_prefix("containers.")?;
    let own = is_within(rest, "github.com") || is_within(rest, "ghe.com") || rest.contains("ghcr");
    (rest.contains('.') && !own).then_some(rest)
}

fn has_label(host: &str, label: &str) -> bool {
    host.split('.').any(|part| part == label)
}
