//! The registered registry that a client asks about.

use super::error::ClientError;
use super::server::ServerUrl;
use crate::store::{Name, RegistryRecord};

/// The registry of a server; `None` where none is registered there.
///
/// With a path, it is the one with the longest URI that the path is or lies below, by whole components. Most clients
/// send no path: then it is the only one on the host, or the one of the whole host, or the one in use.
///
/// # Errors
/// When several are as good, and they may have different accounts.
pub(super) fn registry_of<'a>(
    registries: &'a [RegistryRecord],
    server: &ServerUrl,
    current: Option<&Name>,
) -> Result<Option<&'a RegistryRecord>, ClientError> {
    let on_host = registries.iter().filter(|registry| registry.uri.host() == &server.host);
    let candidates: Vec<&RegistryRecord> = match &server.path {
        Some(path) => RegistryRecord::most_specific(on_host.filter(|registry| registry.uri.is_above(path))),
        None => {
            let all: Vec<&RegistryRecord> = on_host.collect();
            let whole: Vec<&RegistryRecord> =
                all.iter().copied().filter(|registry| registry.uri.path().is_none()).collect();
            if whole.is_empty() { all } else { whole }
        }
    };
    let (first, rest) = match candidates.as_slice() {
        [] => return Ok(None),
        [first, rest @ ..] => (*first, rest),
    };
    if let Some(one) = candidates.iter().find(|registry| Some(&registry.name) == current) {
        return Ok(Some(one));
    }
    let is_same = |other: &&RegistryRecord| (&other.flavor, &other.connector) == (&first.flavor, &first.connector);
    if rest.iter().all(is_same) {
        return Ok(Some(first));
    }
    Err(ClientError::Ambiguous {
        host: server.host.clone(),
        registries: candidates.iter().map(|registry| registry.name.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registries() -> Vec<RegistryRecord> {
        let with = |name: &str, uri: &str, connector: Option<&str>| RegistryRecord {
            connector: connector.map(|name| name.parse().unwrap()),
            ..RegistryRecord::example(name, uri)
        };
        vec![
            with("acme", "ghcr.io/acme", Some("a")),
            with("acme-ml", "ghcr.io/acme/ml", Some("b")),
            with("hub", "docker.io/acme", Some("a")),
            with("local", "localhost:5000", None),
            with("local-team", "localhost:5000/team", Some("a")),
            with("one", "quay.io/one", Some("a")),
            with("two", "quay.io/two", Some("a")),
        ]
    }

    fn found(server: &str, current: Option<&str>) -> Result<String, String> {
        let (registries, server) = (registries(), server.parse().unwrap());
        let current: Option<Name> = current.map(|name| name.parse().unwrap());
        match registry_of(&registries, &server, current.as_ref()) {
            Ok(registry) => Ok(registry.map_or_else(String::new, |registry| registry.name.to_string())),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn the_longest_path_counts_and_without_a_path_the_whole_host() {
        for (server, name) in [
            ("ghcr.io/acme/train", "acme"),
            ("ghcr.io/acme/ml/train", "acme-ml"),
            ("ghcr.io/acme/mlx", "acme"),
            ("ghcr.io/other/x", ""),
            ("https://index.docker.io/v1/", "hub"),
            ("index.docker.io/acme/x", "hub"),
            ("index.docker.io/library/busybox", ""),
            ("localhost:5000", "local"),
            ("localhost:5000/team/x", "local-team"),
            ("localhost:5001", ""),
            // The same account, whichever is meant.
            ("quay.io", "one"),
        ] {
            assert_eq!(found(server, None).unwrap(), name, "{server}");
        }
    }

    #[test]
    fn of_several_accounts_none_is_guessed() {
        let error = found("ghcr.io", None).unwrap_err();
        assert!(error.contains("`acme`") && error.contains("`acme-ml`"), "{error}");
        assert_eq!(found("ghcr.io", Some("acme-ml")).unwrap(), "acme-ml");
        assert!(found("ghcr.io", Some("hub")).is_err());
    }
}
