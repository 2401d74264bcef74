//! The record of a registry.

use std::collections::BTreeMap;

use crate::grant::Grant;
use crate::image::RegistryUri;
use crate::store::error::StoreError;
#[cfg(test)]
use crate::store::grants::Grantee;
use crate::store::name::Name;
use crate::store::put::Difference;
use crate::text::Escaped;

/// A registered registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryRecord {
    /// The user's name for it.
    pub(crate) name: Name,
    /// The name of its flavor.
    pub(crate) flavor: String,
    /// Its canonical URI.
    pub(crate) uri: RegistryUri,
    /// The flavor's options, as the user gave them.
    pub(crate) options: BTreeMap<String, String>,
    /// The connector that its flavor gets.
    pub(crate) connector: Option<Name>,
    /// Whether the user typed this very URI, or agreed to it. A URI that is only its flavor's reading of what was typed
    /// gets no connector.
    pub(crate) confirmed: bool,
    /// Whether it may be spoken to in plain HTTP if it does not speak https.
    pub(crate) insecure: bool,
}

impl RegistryRecord {
    /// The registry of a name among `registries`.
    ///
    /// # Errors
    /// When none of them has this name.
    pub(crate) fn named<'a>(registries: &'a [Self], name: &Name) -> Result<&'a Self, StoreError> {
        let known = || registries.iter().map(|registry| registry.name.clone()).collect();
        registries
            .iter()
            .find(|registry| registry.name == *name)
            .ok_or_else(|| StoreError::NoRegistry { name: name.clone(), known: known() })
    }

    /// Those of some registries whose URIs have the longest path.
    #[must_use]
    pub(crate) fn most_specific<'a>(registries: impl Iterator<Item = &'a Self>) -> Vec<&'a Self> {
        let registries: Vec<&Self> = registries.collect();
        let longest = registries.iter().map(|registry| registry.uri.specificity()).max();
        registries.into_iter().filter(|registry| Some(registry.uri.specificity()) == longest).collect()
    }
}

impl RegistryRecord {
    /// The parts in which a given registry differs from this one, each with the grants for it alone.
    pub(super) fn differences(&self, stored_grants: &[Grant], given: &Self, given_grants: &[Grant]) -> Vec<Difference> {
        let value = |one: &Self, option: &str| one.options.get(option).cloned();
        let connector = |one: &Self| one.connector.as_ref().map(ToString::to_string);
        let plain_http = |one: &Self| Some(if one.insecure { "allowed" } else { "no" }.to_owned());
        let more = given.options.keys().filter(|name| !self.options.contains_key(*name));
        let options = self.options.keys().chain(more);
        let options = options.map(|name| (format!("option `{name}`"), value(self, name), value(given, name)));
        let part = |part: &str, stored: Option<String>, given: Option<String>| (part.to_owned(), stored, given);
        [
            part("flavor", Some(self.flavor.clone()), Some(given.flavor.clone())),
            part("URI", Some(self.uri.to_string()), Some(given.uri.to_string())),
        ]
        .into_iter()
        .chain(options)
        .chain([
            part("connector", connector(self), connector(given)),
            part("plain HTTP", plain_http(self), plain_http(given)),
            part("allowed hosts", hosts(stored_grants), hosts(given_grants)),
        ])
        .filter_map(|(part, stored, given)| Difference::of(&part, stored.as_deref(), given.as_deref()))
        .collect()
    }

    /// The parts in which a given registry differs from this one, without grants, for the audit.
    pub(super) fn changed_parts(&self, given: &Self) -> Vec<Escaped> {
        let agreed = (self.confirmed != given.confirmed)
            .then(|| if given.confirmed { "URI agreed to" } else { "URI not agreed to" }.into());
        self.differences(&[], given, &[]).iter().map(Difference::told).chain(agreed).collect()
    }

    /// What a new registry has besides its flavor and its URI, for the audit.
    pub(super) fn given_parts(&self) -> impl Iterator<Item = Escaped> {
        let options = self.options.keys().map(|name| format!("option `{name}`"));
        let connector = self.connector.iter().map(|name| format!("connector: {name}"));
        let plain_http = self.insecure.then(|| "plain HTTP: allowed".to_owned());
        connector.chain(options).chain(plain_http).map(Into::into)
    }
}

/// The hosts of grants in one text; `None` if there are none.
fn hosts(grants: &[Grant]) -> Option<String> {
    let secrets = |grant: &Grant| if grant.secrets { " with secrets" } else { "" };
    let mut hosts: Vec<String> = grants.iter().map(|grant| format!("{}{}", grant.pattern, secrets(grant))).collect();
    hosts.sort_unstable();
    (!hosts.is_empty()).then(|| hosts.join(", "))
}

#[cfg(test)]
impl Grantee<'_> {
    /// The built-in flavor of [`RegistryRecord::example`].
    pub(crate) const EXAMPLE: Grantee<'static> = Grantee { flavor: "default", digest: None };
}

#[cfg(test)]
impl RegistryRecord {
    /// A registry of flavor `default`, for tests.
    pub(crate) fn example(name: &str, uri: &str) -> Self {
        let (name, uri) = (name.parse().unwrap(), uri.parse().unwrap());
        let options = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        Self { name, flavor: "default".to_owned(), uri, options, connector: None, confirmed: true, insecure: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_differs_in_what_a_user_can_see_of_it() {
        let one = RegistryRecord::example("prod", "localhost:5000/acme");
        assert_eq!(one.differences(&[], &one, &[]), []);
        // Whether the user agreed to the URI is no part of the registry.
        let agreed = RegistryRecord { confirmed: false, ..one.clone() };
        assert_eq!(one.differences(&[], &agreed, &[]), []);
        let other = RegistryRecord {
            flavor: "github".to_owned(),
            uri: "localhost:5001".parse().unwrap(),
            options: [("x".to_owned(), "y".to_owned())].into(),
            connector: Some("ci".parse().unwrap()),
            insecure: true,
            ..one.clone()
        };
        let grant = Grant::written("https://api.example.com".parse().unwrap());
        let found = one.differences(&[], &other, &[grant]);
        let parts: Vec<&str> = found.iter().map(|difference| difference.part.as_str()).collect();
        assert_eq!(parts, ["flavor", "URI", "option `a`", "option `x`", "connector", "plain HTTP", "allowed hosts"]);
    }
}
