//! The URI of a registry: a host, and the path that its images share.

use std::fmt;
use std::str::FromStr;

use super::host::Host;
use super::reference::{Reference, ReferenceError, Repository};
use crate::text::Printable;

/// `host[:port][/path]` in canonical form: no scheme, no trailing slash, host in lower case.
///
/// Every flavor's answer has to have this grammar; the flavor decides which of these URIs are registries of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Printable)]
pub(crate) struct RegistryUri {
    host: Host,
    path: Option<Repository>,
}

impl RegistryUri {
    /// The registry's host.
    #[must_use]
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// The path that all its images begin with, if any.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&Repository> {
        self.path.as_ref()
    }

    /// Whether a user's text, with or without `https://`, is this URI or its host.
    #[must_use]
    pub(crate) fn is_named(&self, text: &str) -> bool {
        let text = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
        text == self.to_string() || text == self.host.to_string()
    }

    /// Whether an image belongs to this registry: it has the same host, and begins with this path's whole components,
    /// so that `gcr.io/p` does not own `gcr.io/p-evil/x`.
    #[must_use]
    pub(crate) fn owns(&self, image: &Reference) -> bool {
        self.host == *image.host() && self.is_above(image.repository())
    }

    /// Whether a path on its host is its own, or lies below it.
    #[must_use]
    pub(crate) fn is_above(&self, path: &Repository) -> bool {
        self.path.as_ref().is_none_or(|own| path.is_within(own.as_str()))
    }

    /// Length of the path in bytes: of two registries that own an image, the one with the longer path is chosen.
    #[must_use]
    pub(crate) fn specificity(&self) -> usize {
        self.path.as_ref().map_or(0, |path| path.as_str().len())
    }
}

impl FromStr for RegistryUri {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (host, path) = match text.split_once('/') {
            Some((host, path)) => (host, Some(path.parse()?)),
            None => (text, None),
        };
        Ok(Self { host: host.parse()?, path })
    }
}

impl fmt::Display for RegistryUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.host)?;
        self.path.iter().try_for_each(|path| write!(f, "/{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_belongs_to_a_registry_at_whole_path_components() {
        for (uri, image, owned) in [
            ("gcr.io/p", "gcr.io/p/x:1", true),
            ("gcr.io/p", "gcr.io/p-evil/x:1", false),
            ("gcr.io/p", "gcr.io/p:1", true),
            ("gcr.io", "gcr.io/p/x", true),
            ("docker.io/zenml", "zenml/x:1", true),
            ("docker.io/zenml", "docker.io/zenmlevil/x:1", false),
            ("index.docker.io/me", "docker.io/me/x", true),
            ("docker.io/library", "ubuntu:1", true),
            ("docker.io", "ubuntu:1", true),
            ("localhost:5000", "localhost:50001/x:1", false),
            ("zenml.azurecr.io", "zenml.azurecr.io.evil.com/x:1", false),
            ("GHCR.io/me", "ghcr.io/me/x", true),
        ] {
            let (uri, image): (RegistryUri, Reference) = (uri.parse().unwrap(), image.parse().unwrap());
            assert_eq!(uri.owns(&image), owned, "{uri} {image}");
        }
    }

    #[test]
    fn a_uri_with_a_scheme_or_an_odd_path_is_refused() {
        for bad in ["https://gcr.io/p", "gcr.io/p/", "gcr.io//p", "gcr.io/P", "gcr.io/p:tag", "", "a b"] {
            assert!(bad.parse::<RegistryUri>().is_err(), "{bad}");
        }
    }
}
