//! Whether a policy is asked about something.

use super::error::ManageError;
use crate::flavor::Action;
use crate::image::{Reference, RegistryUri};
use crate::store::{PolicyRecord, PolicyScope, RegistryRecord, Store};
use crate::text::Escaped;

/// The registry that a user names for a policy: by its name, or by its URI.
///
/// # Errors
/// When it is neither.
pub(super) fn scope(store: &Store, text: &str) -> Result<PolicyScope, ManageError> {
    let registries = store.registries()?;
    if let Some(registry) = registries.iter().find(|registry| registry.name.as_str() == text) {
        return Ok(PolicyScope { name: Some(registry.name.clone()), uri: registry.uri.to_string() });
    }
    let unknown = || ManageError::Registry(Escaped::new(text, 200));
    // A word without a dot, port or path would be a name that is not registered.
    let is_uri = text.contains(['/', ':', '.']);
    let uri: RegistryUri = text.trim_end_matches('/').parse().map_err(|_| unknown())?;
    if is_uri { Ok(PolicyScope { name: None, uri: uri.to_string() }) } else { Err(unknown()) }
}

/// Whether a policy is asked about an action on any of some images. `registries` are those that are registered.
pub(super) fn applies<'a>(
    policy: &PolicyRecord,
    action: Action,
    registries: &[RegistryRecord],
    images: impl IntoIterator<Item = &'a Reference>,
) -> bool {
    if !policy.enabled || !policy.actions.iter().any(|word| word == action.word()) {
        return false;
    }
    if policy.registries.is_empty() {
        return true;
    }
    // A registered name follows its registry to a new URI; the URI of then counts still, so that a registry that is
    // removed, or is named by its URI, is no way around.
    let renamed = policy.registries.iter().filter_map(|scope| {
        let name = scope.name.as_ref()?;
        registries.iter().find(|registry| registry.name == *name).map(|registry| registry.uri.clone())
    });
    let uris: Vec<RegistryUri> =
        policy.registries.iter().filter_map(|scope| scope.uri.parse().ok()).chain(renamed).collect();
    images.into_iter().any(|image| uris.iter().any(|uri| uri.owns(image)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::image::Digest;

    fn policy(scopes: &[(Option<&str>, &str)]) -> PolicyRecord {
        let scope = |(name, uri): &(Option<&str>, &str)| PolicyScope {
            name: name.map(|name| name.parse().unwrap()),
            uri: (*uri).to_owned(),
        };
        PolicyRecord {
            name: "p".parse().unwrap(),
            policy: "p".to_owned(),
            version: "1.0.0".to_owned(),
            contract: "0.1.1".to_owned(),
            summary: String::new(),
            digest: Digest::of(b""),
            size: 0,
            origin: String::new(),
            options: BTreeMap::new(),
            actions: vec!["push".to_owned()],
            registries: scopes.iter().map(scope).collect(),
            grants: Vec::new(),
            enabled: true,
            is_stored: false,
            description: String::new(),
        }
    }

    fn registry(name: &str, uri: &str) -> RegistryRecord {
        RegistryRecord {
            name: name.parse().unwrap(),
            flavor: "default".to_owned(),
            uri: uri.parse().unwrap(),
            options: BTreeMap::new(),
            connector: None,
            confirmed: true,
            insecure: false,
        }
    }

    fn is_asked(policy: &PolicyRecord, registries: &[RegistryRecord], image: &str) -> bool {
        applies(policy, Action::Push, registries, [&image.parse().unwrap()])
    }

    #[test]
    fn a_policy_for_a_registry_is_asked_about_its_images_however_it_is_named() {
        let prod = policy(&[(Some("prod"), "ghcr.io/acme")]);
        let same = [registry("prod", "ghcr.io/acme")];
        assert!(is_asked(&prod, &same, "ghcr.io/acme/train:v1"));
        assert!(is_asked(&prod, &[], "ghcr.io/acme/train:v1"), "the registry is named by its URI");
        assert!(!is_asked(&prod, &same, "ghcr.io/acme-evil/train:v1"));
        let moved = [registry("prod", "quay.io/acme")];
        assert!(is_asked(&prod, &moved, "quay.io/acme/train:v1"));
        assert!(is_asked(&prod, &moved, "ghcr.io/acme/train:v1"));
        assert!(!is_asked(&prod, &moved, "docker.io/acme/train:v1"));
    }

    #[test]
    fn a_policy_without_registries_is_asked_about_all_and_a_disabled_one_about_none() {
        let all = policy(&[]);
        assert!(is_asked(&all, &[], "localhost:5000/x:v1"));
        assert!(!applies(&all, Action::Delete, &[], [&"localhost:5000/x:v1".parse().unwrap()]));
        assert!(!is_asked(&PolicyRecord { enabled: false, ..all }, &[], "localhost:5000/x:v1"));
    }
}
