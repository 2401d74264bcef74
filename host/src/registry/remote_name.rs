//! The name of something in a registry, as a user types it to read or change it: `prod/train:v3` below the registry
//! that is registered as `prod`, `ghcr.io/acme/train@sha256:…` with its host, or `train:v3` below the registry in use.

use std::str::FromStr;

use super::destination::Destination;
use super::error::RegistryError;
use super::select::{Target, below, owner};
use super::unregistered::Unregistered;
use crate::catalog::Catalog;
use crate::error::Explain;
use crate::image::{Digest, Reference, ReferenceError, Repository, Tag};
use crate::store::{RegistryRecord, Store};
use crate::text::Escaped;

/// The scheme that skopeo and others write before such a name.
const SCHEME: &str = "docker://";

/// What begins the names of images that are in no registry, as `crhost push` and `crhost pull` take them.
const LOCAL: [&str; 5] = ["oci", "oci-archive", "docker-archive", "docker-daemon", "containers-storage"];

/// A name in a registry, before it is known which registry that is.
///
/// The first component is a host if it looks like one (with a `.` or a `:`, or `localhost`), and otherwise the name of
/// a registered registry if there is such a one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemoteName {
    text: String,
    path: String,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

/// A text that is no such name.
#[derive(Debug, Clone, thiserror::Error, Explain)]
#[explain(
    kind = Usage,
    hint = "write `NAME/train:v3` with the name of a registered registry, or the whole name with its host, such as \
            `registry.example.com/acme/train:v3`"
)]
pub(crate) enum RemoteNameError {
    /// A part that is not well formed.
    #[error(transparent)]
    Part(#[from] ReferenceError),
    /// Nothing, or a path without its first or last component.
    #[error("`{0}` is no name of an image in a registry")]
    NoName(Escaped),
    /// A layout, an archive or Podman's storage.
    #[error("`{0}` is no image in a registry; `crhost pull` writes layouts and archives, and `crhost push` sends them")]
    Local(Escaped),
    /// A URL.
    #[error("`{0}` is a URL; a name of an image in a registry begins with the host")]
    Url(Escaped),
}

/// What is done to what a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It is read. A name without a host is one of Docker's default registry where no registry is in use, as Docker's
    /// and other tools read it.
    Reads,
    /// It is changed, which needs a registry that was chosen.
    Writes,
}

impl RemoteName {
    /// The name as it was typed.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its tag, if it has one.
    #[must_use]
    pub(crate) fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// Its digest, if it has one.
    #[must_use]
    pub(crate) fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Finds the registry, registered or not, and the name there, which has a tag only if one was typed.
    ///
    /// # Errors
    /// When several registries own it, none is meant, or no flavor accepts its registry.
    pub(crate) async fn locate(
        &self,
        store: &Store,
        catalog: &Catalog<'_>,
        in_use: Option<&Destination>,
        used: Use,
    ) -> Result<Target, RegistryError> {
        let registries = store.registries()?;
        let stored = store.current_registry()?;
        let current = match in_use {
            Some(Destination::Name(name)) => Some(name),
            Some(Destination::Uri(_)) => None,
            None => stored.as_ref(),
        };
        let (tag, digest) = (self.tag.clone(), self.digest.clone());
        if Reference::names_host(&self.path) {
            let image = self.path.parse::<Reference>()?;
            let image = Reference::new(image.host().clone(), image.repository().clone(), tag, digest);
            return match owner(&registries, &image, current)? {
                Some(registry) => Ok(Target { registry: registry.clone(), registered: true, image }),
                None => unregistered(catalog, &Unregistered::default(), image).await,
            };
        }
        if let Some((first, rest)) = self.path.split_once('/')
            && let Some(registry) = registries.iter().find(|registry| registry.name.as_str() == first)
        {
            return below(registry, &rest.parse::<Repository>()?, tag, digest);
        }
        if self.text.split_once(':').is_some_and(|(scheme, _)| LOCAL.contains(&scheme)) && current.is_none() {
            return Err(RegistryError::Local(Escaped::new(&self.text, 200)));
        }
        if let Some(current) = current {
            return below(RegistryRecord::named(&registries, current)?, &self.path.parse()?, tag, digest);
        }
        if let Some(Destination::Uri(uri)) = in_use {
            let given = Unregistered { uri: Some(uri.clone()), ..Unregistered::default() };
            let registry = given.find(catalog, None).await?;
            let target = below(&registry, &self.path.parse()?, tag, digest)?;
            return Ok(Target { registered: false, ..target });
        }
        match used {
            Use::Reads => {
                let image = self.path.parse::<Reference>()?;
                let image = Reference::new(image.host().clone(), image.repository().clone(), tag, digest);
                match owner(&registries, &image, None)? {
                    Some(registry) => Ok(Target { registry: registry.clone(), registered: true, image }),
                    None => unregistered(catalog, &Unregistered::default(), image).await,
                }
            }
            Use::Writes => Err(RegistryError::none_named(&self.text, &registries)),
        }
    }
}

async fn unregistered(catalog: &Catalog<'_>, given: &Unregistered, image: Reference) -> Result<Target, RegistryError> {
    let registry = given.find(catalog, Some(&image)).await?;
    Ok(Target { registry, registered: false, image })
}

impl FromStr for RemoteName {
    type Err = RemoteNameError;

    fn from_str(typed: &str) -> Result<Self, RemoteNameError> {
        let text = typed.strip_prefix(SCHEME).unwrap_or(typed);
        if text.starts_with("http://") || text.starts_with("https://") {
            return Err(RemoteNameError::Url(Escaped::new(typed, 200)));
        }
        if is_local(text) {
            return Err(RemoteNameError::Local(Escaped::new(typed, 200)));
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse::<Digest>().map_err(ReferenceError::from)?)),
            None => (text, None),
        };
        let (path, tag) = match name.rsplit_once(':') {
            // The port of a host alone is no tag.
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag.parse::<Tag>()?)),
            _ => (name, None),
        };
        if path.is_empty() || path.starts_with('/') || path.ends_with('/') {
            return Err(RemoteNameError::NoName(Escaped::new(typed, 200)));
        }
        // What follows a host, or the name of a registry, is a repository's path.
        match path.split_once('/') {
            Some((_, rest)) => drop(rest.parse::<Repository>()?),
            None => drop(path.parse::<Repository>()?),
        }
        Ok(Self { text: text.to_owned(), path: path.to_owned(), tag, digest })
    }
}

/// Whether a text names a file or directory. `oci:v1` is a tag, and `oci:5000/train` a host with its port;
/// `oci:layout:v1` would have two tags.
fn is_local(text: &str) -> bool {
    let Some((scheme, path)) = text.split_once(':') else { return false };
    let is_path = path.split_once('/').is_some_and(|(first, _)| first.is_empty() || first.parse::<u16>().is_err());
    let has_name = path.split_once(':').is_some_and(|(first, _)| !first.contains(['/', '@']));
    LOCAL.contains(&scheme) && (is_path || has_name || path.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<String>, bool) {
        let name: RemoteName = text.parse().unwrap();
        (name.path.clone(), name.tag().map(ToString::to_string), name.digest().is_some())
    }

    #[test]
    fn a_name_has_a_path_and_perhaps_a_tag_and_a_digest() {
        let digest = Digest::of(b"");
        assert_eq!(parts("prod/train:v3"), ("prod/train".to_owned(), Some("v3".to_owned()), false));
        assert_eq!(parts("train"), ("train".to_owned(), None, false));
        assert_eq!(parts("localhost:5000/a/b"), ("localhost:5000/a/b".to_owned(), None, false));
        assert_eq!(parts("docker://ghcr.io/a/b:1"), ("ghcr.io/a/b".to_owned(), Some("1".to_owned()), false));
        assert_eq!(parts(&format!("ghcr.io/a/b@{digest}")), ("ghcr.io/a/b".to_owned(), None, true));
        assert_eq!(parts(&format!("a:1@{digest}")), ("a".to_owned(), Some("1".to_owned()), true));
    }

    #[test]
    fn files_and_urls_are_told_from_names() {
        for text in
            ["oci:./layout:v1", "oci:/tmp/layout", "oci:a/b", "docker-archive:../a.tar", "oci-archive:.a", "oci:a:v1"]
        {
            assert!(matches!(text.parse::<RemoteName>(), Err(RemoteNameError::Local(_))), "{text}");
        }
        assert!(matches!("https://ghcr.io/a/b".parse::<RemoteName>(), Err(RemoteNameError::Url(_))));
        for text in ["oci:v1", "oci:5000/train", "docker-archive:5000/a/b:1", "oci/train:v1", "a/oci:v1"] {
            assert!(text.parse::<RemoteName>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "/a", "a/", "a/B", "a:-", "a@sha256:12", ":v1", "a b", "a//b"] {
            assert!(text.parse::<RemoteName>().is_err(), "{text}");
        }
    }
}
