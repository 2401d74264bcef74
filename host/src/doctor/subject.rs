//! The registries that are examined.

use super::finding::{Check, Finding};
use crate::catalog::Catalog;
use crate::registry::{Destination, RegistryError, TypedUri, Unregistered};
use crate::store::{Name, RegistryRecord, Store, StoreError};
use crate::text::Escaped;

/// Why no registered registry is known.
pub(super) const UNREADABLE: &str = "the store can't be read, so that no registered one is known";

/// The same of a server, of which another finding tells.
pub(super) const UNTOLD: &str = "the server does not tell its registries";

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

/// The given registries, or all that are registered. Why those are `unknown` is the finding about a name then.
///
/// # Errors
/// When no registry has a given name.
pub(super) async fn chosen(
    store: &Store,
    catalog: &Catalog<'_>,
    named: &[Destination],
    unknown: Option<&'static str>,
) -> Result<Vec<Subject>, RegistryError> {
    let registries = match store.registries() {
        Ok(registries) => registries,
        Err(error) => return Ok(vec![unusable(&error.into(), "registries".into())]),
    };
    if named.is_empty() {
        return Ok(registries.into_iter().map(of_record).collect());
    }
    let mut subjects = Vec::new();
    for destination in named {
        match destination {
            Destination::Name(name) => match (registries.iter().find(|one| one.name == *name), host_of(name)) {
                (Some(registry), _) => subjects.push(of_record(registry.clone())),
                (None, Some(uri)) => subjects.extend(of_uri(&registries, catalog, &uri).await),
                // Nothing could be looked up.
                (None, None) => match unknown {
                    // Nothing could be looked up.
                    Some(why) => {
                        subjects.push(Subject::Unusable(Finding::skipped(Check::Registry, why), Escaped::of(name)));
                    }
                    None => {
                        let known = registries.iter().map(|registry| registry.name.clone()).collect();
                        return Err(StoreError::NoRegistry { name: name.clone(), known }.into());
                    }
                },
            },
            Destination::Uri(uri) => subjects.extend(of_uri(&registries, catalog, uri).await),
        }
    }
    Ok(subjects)
}

fn of_record(registry: RegistryRecord) -> Subject {
    Subject::Registry(Box::new(registry))
}

/// The URI that a name without a slash or port is, such as `ghcr.io`.
fn host_of(name: &Name) -> Option<TypedUri> {
    let is_host = name.as_str().contains('.') || name.as_str() == "localhost";
    if is_host { name.as_str().parse().ok() } else { None }
}

/// The registries of a URI: those that are registered there or below, else the nearest one above, else one that is not
/// registered.
async fn of_uri(registries: &[RegistryRecord], catalog: &Catalog<'_>, typed: &TypedUri) -> Vec<Subject> {
    let registered = meant(registries, typed.as_str());
    if !registered.is_empty() {
        return registered.into_iter().cloned().map(of_record).collect();
    }
    let unregistered = Unregistered { uri: Some(typed.clone()), ..Unregistered::default() };
    vec![match unregistered.find(catalog, None).await {
        Ok(found) => of_record(found),
        Err(error) => unusable(&error, typed.as_str().into()),
    }]
}

/// The registered registries that a URI means, by whole components of its path.
fn meant<'a>(registries: &'a [RegistryRecord], typed: &str) -> Vec<&'a RegistryRecord> {
    let is_at_or_below = |one: &str, other: &str| one == other || one.starts_with(&format!("{other}/"));
    let with = |fits: &dyn Fn(&str) -> bool| registries.iter().filter(|one| fits(&one.uri.to_string())).collect();
    let below: Vec<&RegistryRecord> = with(&|own| is_at_or_below(own, typed));
    if !below.is_empty() {
        return below;
    }
    let above: Vec<&RegistryRecord> = with(&|own| is_at_or_below(typed, own));
    RegistryRecord::most_specific(above.into_iter())
}

fn unusable(error: &RegistryError, shown: Escaped) -> Subject {
    Subject::Unusable(Finding::failed(Check::Registry, error), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_means_the_registries_there_or_below_and_else_the_nearest_above() {
        let registries = ["ghcr.io/acme", "ghcr.io/acme/ml", "ghcr.io/other", "localhost:5000"]
            .map(|uri| RegistryRecord::example("x", uri));
        let found = |typed| meant(&registries, typed).iter().map(|one| one.uri.to_string()).collect::<Vec<_>>();
        assert_eq!(found("ghcr.io"), ["ghcr.io/acme", "ghcr.io/acme/ml", "ghcr.io/other"]);
        assert_eq!(found("ghcr.io/acme"), ["ghcr.io/acme", "ghcr.io/acme/ml"]);
        assert_eq!(found("ghcr.io/acme/ml/train"), ["ghcr.io/acme/ml"]);
        assert_eq!(found("localhost:5000/train"), ["localhost:5000"]);
        assert!(found("ghcr.io/acm").is_empty() && found("quay.io").is_empty());
    }
}
