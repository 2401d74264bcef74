//! The registries that are examined.

use super::finding::{Check, Finding};
use crate::catalog::Catalog;
use crate::registry::{Destination, RegistryError, TypedUri, Unregistered};
use crate::store::{Name, RegistryRecord, Store, StoreError};
use crate::text::Escaped;

/// Why no registered registry is known.
pub(super) const UNREADABLE: &str = "the store can't be read, so that no registered one is known";

/// A registry, or why it can't be examined.
pub(super) enum Subject {
    /// One that is registered, or that was given by its URI.
    Registry(Box<RegistryRecord>),
    /// One that was given and that no flavor takes, or that can't be looked up; with the words by which it was given.
    Unusable(Finding, Escaped),
}

impl Subject {
    /// The registry as findings name it.
    pub(super) fn shown(&self) -> Escaped {
        match self {
            Self::Registry(registry) => name(registry),
            Self::Unusable(_, shown) => shown.clone(),
        }
    }
}

/// A registry by its name, or by its URI if it has none.
pub(super) fn name(registry: &RegistryRecord) -> Escaped {
    match registry.name == Name::unregistered() {
        true => Escaped::of(&registry.uri),
        false => Escaped::of(&registry.name),
    }
}

/// The given registries, or all that are registered.
///
/// # Errors
/// When no registry has a given name.
pub(super) async fn chosen(
    store: &Store,
    catalog: &Catalog<'_>,
    named: &[Destination],
    is_readable: bool,
) -> Result<Vec<Subject>, RegistryError> {
    let registries = match store.registries() {
        Ok(registries) => registries,
        Err(error) => return Ok(vec![unusable(&error.into(), "registries".into())]),
    };
    let all = |registry: RegistryRecord| Subject::Registry(Box::new(registry));
    if named.is_empty() {
        return Ok(registries.into_iter().map(all).collect());
    }
    let mut subjects = Vec::new();
    for destination in named {
        subjects.push(match destination {
            Destination::Name(name) => match (registries.iter().find(|one| one.name == *name), host_of(name)) {
                (Some(registry), _) => all(registry.clone()),
                (None, Some(uri)) => of_uri(&registries, catalog, &uri).await,
                // Nothing could be looked up.
                (None, None) if !is_readable => {
                    Subject::Unusable(Finding::skipped(Check::Registry, UNREADABLE), Escaped::of(name))
                }
                (None, None) => {
                    let known = registries.iter().map(|registry| registry.name.clone()).collect();
                    return Err(StoreError::NoRegistry { name: name.clone(), known }.into());
                }
            },
            Destination::Uri(uri) => of_uri(&registries, catalog, uri).await,
        });
    }
    Ok(subjects)
}

/// The URI that a name without a slash or port is, such as `ghcr.io`.
fn host_of(name: &Name) -> Option<TypedUri> {
    let is_host = name.as_str().contains('.') || name.as_str() == "localhost";
    if is_host { name.as_str().parse().ok() } else { None }
}

/// The registry of a URI: the registered one there, or one that is not registered.
async fn of_uri(registries: &[RegistryRecord], catalog: &Catalog<'_>, uri: &TypedUri) -> Subject {
    let unregistered = Unregistered { uri: Some(uri.clone()), ..Unregistered::default() };
    match unregistered.find(catalog, None).await {
        Ok(found) => {
            let registered = registries.iter().find(|registry| registry.uri == found.uri);
            Subject::Registry(Box::new(registered.cloned().unwrap_or(found)))
        }
        Err(error) => unusable(&error, uri.as_str().into()),
    }
}

fn unusable(error: &RegistryError, shown: Escaped) -> Subject {
    Subject::Unusable(Finding::failed(Check::Registry, error), shown)
}
