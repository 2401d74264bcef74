//! Errors of a URI, a name or an image that does not match the registry that is meant, with those that may be.

use super::error::RegistryError;
use super::typed_uri::TypedUri;
use crate::flavor::FlavorName;
use crate::image::{Reference, RegistryUri};
use crate::store::{Name, RegistryRecord, StoreError};
use crate::text::Escaped;

impl RegistryError {
    /// The refusal of a canonical form on a host that was not typed.
    pub(super) fn other_host(flavor: &FlavorName, typed: &TypedUri, uri: RegistryUri) -> Self {
        let (flavor, uri, text) = (flavor.clone(), Box::new(uri), Escaped::new(typed.as_str(), 200));
        match typed.host() {
            Some(host) => {
                let is_default_port =
                    host.name() == uri.host().name() && host.port() == Some(443) && uri.host().port().is_none();
                Self::OtherHost { flavor, typed: text, uri, is_default_port }
            }
            None => Self::NoHost { flavor, typed: text, uri },
        }
    }

    /// An image without a host, with up to three registries to choose from.
    pub(super) fn none_chosen(image: &str, registries: &[RegistryRecord]) -> Self {
        let known = registries.iter().take(MAX_NEAR).map(in_words).collect();
        Self::NoneChosen { image: image.into(), known, more: registries.len().saturating_sub(MAX_NEAR) }
    }

    /// The same for a command that takes names in registries alone, and no `--to`.
    pub(super) fn none_named(image: &str, registries: &[RegistryRecord]) -> Self {
        let below = |registry: &RegistryRecord| format!("`{}/{image}` ({})", registry.name, registry.uri).into();
        let known = registries.iter().take(MAX_NEAR).map(below).collect();
        Self::NoneNamed { image: image.into(), known, more: registries.len().saturating_sub(MAX_NEAR) }
    }

    /// An image that does not belong to the registry that was named.
    pub(super) fn elsewhere(image: &Reference, registry: &RegistryRecord) -> Self {
        let RegistryRecord { name, uri, .. } = registry;
        let to = (*name != Name::unregistered()).then(|| name.clone());
        let registry = match &to {
            Some(name) => format!("registry `{name}`, which is `{uri}`"),
            None => format!("the registry `{uri}`"),
        };
        let (image, repository) = (image.name().into(), image.repository().name().into());
        Self::Elsewhere { image, registry: registry.into(), to, uri: Box::new(uri.clone()), repository }
    }

    /// An image that no registry owns, with up to three registries that may be meant: those of the same host first,
    /// then those whose URIs share the longest prefix with the image's name.
    pub(super) fn no_owner(image: &Reference, registries: &[RegistryRecord]) -> Self {
        let name = image.name();
        let common_prefix =
            |uri: &RegistryUri| uri.to_string().bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let mut near: Vec<&RegistryRecord> = registries.iter().collect();
        near.sort_by_key(|registry| {
            (registry.uri.host() != image.host(), std::cmp::Reverse(common_prefix(&registry.uri)))
        });
        let near = near.into_iter().take(MAX_NEAR).map(in_words).collect();
        let parent = image.repository().as_str().rsplit_once('/').map(|(parent, _)| parent);
        let uri = parent.map_or_else(|| image.host().to_string(), |parent| format!("{}/{parent}", image.host()));
        Self::NoOwner { image: Escaped::of(image), uri: uri.into(), near }
    }
}

/// The error for a registry that the user named and that is not there; the name of a host was probably meant as a URI.
pub(crate) fn of_name(name: &Name, error: StoreError) -> RegistryError {
    match error {
        StoreError::NoRegistry { .. } if name.as_str() == "localhost" || name.as_str().contains('.') => {
            RegistryError::HostAsName(name.clone())
        }
        error => error.into(),
    }
}

/// Registries that a hint shows: more would fill a screen.
const MAX_NEAR: usize = 3;

/// The option that means a registry, with its URI.
fn in_words(registry: &RegistryRecord) -> Escaped {
    format!("`--to {}` ({})", registry.name, registry.uri).into()
}
