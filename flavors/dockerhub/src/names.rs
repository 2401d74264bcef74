//! The names of Docker Hub: its hosts, its look-alikes, its accounts.

use crhost_flavor::Failure;
use crhost_flavor::uri::is_one_slip_from;

/// The host that canonical URIs have.
pub(crate) const HUB: &str = "docker.io";

/// Hosts that all lead to Docker Hub's registry.
const ALIASES: [&str; 4] = [HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

/// Hosts that people take for Docker Hub's registry, without `www.`.
const MISTAKEN: [&str; 7] =
    ["docker.com", "docker.hub", "dockerhub.com", "dockerhub.io", "docker-hub.com", "docker-hub.io", "docker-io.com"];

/// Says whether `host`, lower case and without port, is Docker Hub's registry.
pub(crate) fn is_hub(host: &str) -> bool {
    ALIASES.contains(&host)
}

/// Says whether `host` can only have been meant as Docker Hub: another of Docker's hosts, or one that is a typing error
/// away.
pub(crate) fn is_near_miss(host: &str) -> bool {
    let host = host.strip_prefix("www.").unwrap_or(host);
    MISTAKEN.contains(&host)
        || host.ends_with(".docker.io")
        || host.ends_with(".docker.com")
        || is_one_slip_from(host, HUB)
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

/// Checks the name of a repository, without its namespace (Docker Hub's API, `CreateRepositoryRequest`: 2 to 255
/// characters, `^[a-z0-9]+(?:[._-][a-z0-9]+)*$`).
pub(crate) fn check_name(name: &str) -> Result<(), Failure> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if (2..=255).contains(&name.len()) && name.split(['.', '_', '-']).all(is_word) {
        return Ok(());
    }
    Err(Failure::invalid_input(format!(
        "`{name}` can't be a repository of Docker Hub, expected 2 to 255 lower-case letters and digits, with single `.`, \
         `_` or `-` between them"
    ))
    .hint("name the image otherwise"))
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

    #[test]
    fn repositories_have_single_separators_between_words() {
        for name in ["ab", "train.cpu", "a-b_c.d", "0a", &"a".repeat(255)] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "a", "a__b", "a--b", "a.", "-ab", "A-b", &"a".repeat(256)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
