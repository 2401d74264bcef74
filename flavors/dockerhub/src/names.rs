//! The names of Docker Hub: its hosts, its look-alikes, its accounts.

use crhost_flavor::Failure;

/// The host that canonical URIs have.
pub(crate) const HUB: &str = "docker.io";

/// Hosts that all lead to Docker Hub's registry.
const ALIASES: [&str; 4] = [HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// Hosts that people take for Docker Hub's registry.
const MISTAKEN: [&str; 6] =
    ["docker.com", "docker.hub", "dockerhub.com", "dockerhub.io", "docker-hub.com", "docker-hub.io"];

/// Says whether `host`, lower case and without port, is Docker Hub's registry.
pub(crate) fn is_hub(host: &str) -> bool {
    ALIASES.contains(&host)
}

/// Says whether `host` can only have been meant as Docker Hub: one of its hosts that is no registry, or a typing error away.
pub(crate) fn is_near_miss(host: &str) -> bool {
    let host = host.strip_prefix("www.").unwrap_or(host);
    MISTAKEN.contains(&host)
        || host.ends_with(".docker.io")
        || host.ends_with(".docker.com")
        || one_slip_apart(host.as_bytes(), HUB.as_bytes())
}

/// Checks a namespace of Docker Hub, which is the name of an account.
pub(crate) fn check_namespace(namespace: &str) -> Result<(), Failure> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if namespace.chars().all(allowed) && (2..=255).contains(&namespace.len()) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{namespace}` is not a namespace of Docker Hub, expected 2 to 255 lower-case letters, digits, `_` or `-`"
    ))
    .hint(format!("write the account's name as its page on Docker Hub shows it, e.g. `{HUB}/acme`")))
}

/// Says whether one letter added, left out, changed, or swapped with its neighbour makes `a` into `b`.
fn one_slip_apart(a: &[u8], b: &[u8]) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_away_from_the_name_is_a_near_miss() {
        for host in
            ["dockr.io", "dcoker.io", "doccker.io", "docker.oi", "docker.i", "docker.co", "odcker.io", "bocker.io"]
        {
            assert!(is_near_miss(host), "{host}");
        }
        for host in ["docker.com", "www.docker.com", "dockerhub.io", "auth.docker.io", "login.docker.com"] {
            assert!(is_near_miss(host), "{host}");
        }
        for host in [HUB, "quay.io", "ghcr.io", "docker.example.com", "docker.elastic.co", "mydocker.io", "localhost"] {
            assert!(!is_near_miss(host), "{host}");
        }
    }

    #[test]
    fn namespaces_follow_the_rule_for_accounts() {
        for namespace in ["ab", "acme", "my_org-1", "library", &"a".repeat(255)] {
            assert!(check_namespace(namespace).is_ok(), "{namespace}");
        }
        for namespace in ["", "a", "a.b", "Acme", "a b", &"a".repeat(256)] {
            assert!(check_namespace(namespace).is_err(), "{namespace}");
        }
    }
}
