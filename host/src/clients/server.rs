//! The server URL by which a client asks its credential helper.
//!
//! Docker, Podman, skopeo and Kaniko send `host[:port]`, crane `host/repository` first, all of them
//! `https://index.docker.io/v1/` for Docker Hub, and older ones URLs with the version of the API.

use std::str::FromStr;

use crate::image::{Host, ReferenceError, Repository};

/// A registry's host, and the path below it if the client sends one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerUrl {
    /// The host; one name for all those of Docker Hub.
    pub(crate) host: Host,
    /// The path, without the version of the API.
    pub(crate) path: Option<Repository>,
}

impl ServerUrl {
    /// Whether Docker keeps a token for itself under this key: since version 27, `docker login` with the browser asks
    /// its helper to store two beside the login (`internal/oauth/manager` of Docker's CLI). No registry takes them.
    #[must_use]
    pub(crate) fn is_token_of_docker(text: &str) -> bool {
        let registry = Host::default_registry();
        let behind = text.trim().strip_prefix(registry.credential_key());
        behind.is_some_and(|behind| matches!(behind, "access-token" | "refresh-token"))
    }
}

impl FromStr for ServerUrl {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let text = text.trim();
        let (is_url, rest) = text.split_once("://").map_or((false, text), |(_, rest)| (true, rest));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let mut path = path.trim_matches('/');
        if is_url {
            path = path.strip_prefix("v1/").or_else(|| path.strip_prefix("v2/")).unwrap_or(path);
        }
        // What is no repository's path limits nothing.
        let path = if matches!(path, "v1" | "v2") { None } else { path.parse().ok() };
        Ok(Self { host: host.parse()?, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_all_clients_are_a_host_and_perhaps_a_path() {
        for (text, host, path) in [
            ("https://index.docker.io/v1/", "docker.io", None),
            ("https://index.docker.io/v1", "docker.io", None),
            ("docker.io", "docker.io", None),
            ("registry-1.docker.io", "docker.io", None),
            ("index.docker.io/library/busybox", "docker.io", Some("library/busybox")),
            ("localhost:5000\n", "localhost:5000", None),
            ("http://localhost:5000", "localhost:5000", None),
            ("https://GHCR.io", "ghcr.io", None),
            ("https://registry.example.com/v2/", "registry.example.com", None),
            ("https://registry.example.com/", "registry.example.com", None),
            ("ghcr.io/acme/train", "ghcr.io", Some("acme/train")),
            ("https://ghcr.io/acme", "ghcr.io", Some("acme")),
            ("https://ghcr.io/v2/acme/train/", "ghcr.io", Some("acme/train")),
            ("ghcr.io/v2/acme", "ghcr.io", Some("v2/acme")),
            ("[::1]:5000/a", "[::1]:5000", Some("a")),
            ("ghcr.io/UPPER?x", "ghcr.io", None),
        ] {
            let server: ServerUrl = text.parse().unwrap();
            let found = server.path.as_ref().map(Repository::as_str);
            assert_eq!((server.host.as_str(), found), (host, path), "{text}");
        }
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in ["", "https://", "user:secret@ghcr.io", "a b", "ssh://x y", "/etc/passwd"] {
            assert!(text.parse::<ServerUrl>().is_err(), "{text}");
        }
    }
}
