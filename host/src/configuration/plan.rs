//! What differs between the records of a file and a store: what an `apply` would do.

use serde::Serialize;

use super::created;
use super::differences::{of_flavor, of_grants, of_policy};
use super::error::ConfigurationError;
use super::records::Records;
use crate::flavor::builtin::BUILTIN;
use crate::grant::Grant;
use crate::store::{ConnectorRecord, Difference, Grantee, Store, StoredField};
use crate::text::Escaped;

/// All that would be done, in the order in which it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    /// The changes; empty where the store is as the file says.
    pub(crate) changes: Vec<Item>,
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    /// What would be done.
    pub(crate) action: Action,
    /// Which part of the configuration it is.
    pub(crate) part: Part,
    /// Its name.
    pub(crate) name: String,
    /// In what the stored one differs from the one of the file; where none is stored, what a new registry, connector or
    /// policy is.
    pub(crate) differences: Vec<Difference>,
    /// What the file lets it do, in words: hosts that it may reach, places that it reads on the machine. Empty where it
    /// is removed.
    pub(crate) permits: Vec<Escaped>,
}

/// What would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// It is not registered.
    Create,
    /// It is registered otherwise.
    Change,
    /// It is registered, and not in the file.
    Remove,
}

/// A part of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// A flavor, or what a built-in one may reach.
    Flavor,
    /// A connector.
    Connector,
    /// A registry.
    Registry,
    /// A policy.
    Policy,
    /// The registry for images whose names have no host.
    DefaultRegistry,
}

impl Part {
    /// The part in words.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Flavor => "flavor",
            Self::Connector => "connector",
            Self::Registry => "registry",
            Self::Policy => "policy",
            Self::DefaultRegistry => "default registry",
        }
    }
}

impl Plan {
    /// Whether the store is as the file says.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether something of a part and a name changes, or is new.
    pub(super) fn writes(&self, part: Part, name: &str) -> bool {
        self.changes.iter().any(|item| item.part == part && item.name == name && item.action != Action::Remove)
    }

    /// The names of a part that are removed.
    pub(super) fn removed(&self, part: Part) -> impl Iterator<Item = &str> {
        let removed = self.changes.iter().filter(move |item| item.part == part && item.action == Action::Remove);
        removed.map(|item| item.name.as_str())
    }

    /// Adds what would be done for a part: made as `new`, where none is stored, or changed in what differs.
    fn add(
        &mut self,
        part: Part,
        name: &str,
        differences: Option<Vec<Difference>>,
        new: Vec<Difference>,
        permits: Vec<Escaped>,
    ) {
        let (action, differences) = match differences {
            None => (Action::Create, new),
            Some(none) if none.is_empty() => return,
            Some(differences) => (Action::Change, differences),
        };
        self.changes.push(Item { action, part, name: name.to_owned(), differences, permits });
    }

    fn remove(&mut self, part: Part, name: &str) {
        let (action, name) = (Action::Remove, name.to_owned());
        self.changes.push(Item { action, part, name, differences: Vec::new(), permits: Vec::new() });
    }
}

/// What has to be done for a store to be as the records are; with `prune`, without all that is not among them.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn plan(store: &Store, records: &Records, prune: bool) -> Result<Plan, ConfigurationError> {
    let mut plan = Plan::default();
    for flavor in &records.flavors {
        plan.add(Part::Flavor, &flavor.record.name, of_flavor(store, flavor)?, vec![], reach(&flavor.grants));
    }
    for (name, grants) in &records.built_in {
        let stored = store.grants(Grantee { flavor: name, digest: None })?;
        plan.add(Part::Flavor, name, Some(Vec::from_iter(of_grants(&stored, grants))), vec![], reach(grants));
    }
    for connector in &records.connectors {
        let put = store.compare_connector(connector)?;
        let (old, new) = (put.map(|put| put.differences), created::connector(connector));
        plan.add(Part::Connector, connector.name.as_str(), old, new, reads(connector));
    }
    for (registry, grants) in &records.registries {
        let put = store.compare_registry(registry, grants)?;
        let (old, new) = (put.map(|put| put.differences), created::registry(registry));
        plan.add(Part::Registry, registry.name.as_str(), old, new, reach(grants));
    }
    let stored = store.policies()?;
    for (policy, _) in &records.policies {
        let old = stored.iter().find(|old| old.name == policy.name);
        let (old, new) = (old.map(|old| of_policy(old, policy)), created::policy(policy));
        plan.add(Part::Policy, policy.name.as_str(), old, new, reach(&policy.grants));
    }
    if let Some(name) = &records.default_registry {
        let stored = store.current_registry()?;
        let stored = stored.as_ref().map(|name| name.as_str());
        let difference = Difference::of("name", stored, Some(name.as_str()));
        plan.add(Part::DefaultRegistry, name.as_str(), Some(Vec::from_iter(difference)), vec![], Vec::new());
    }
    if prune {
        removals(&mut plan, store, records)?;
    }
    Ok(plan)
}

/// What is registered and not among the records, in an order in which nothing that is removed is in use.
fn removals(plan: &mut Plan, store: &Store, records: &Records) -> Result<(), ConfigurationError> {
    if records.default_registry.is_none()
        && let Some(current) = store.current_registry()?
    {
        plan.remove(Part::DefaultRegistry, current.as_str());
    }
    for policy in store.policies()? {
        if !records.policies.iter().any(|(kept, _)| kept.name == policy.name) {
            plan.remove(Part::Policy, policy.name.as_str());
        }
    }
    for registry in store.registries()? {
        if !records.registries.iter().any(|(kept, _)| kept.name == registry.name) {
            plan.remove(Part::Registry, registry.name.as_str());
        }
    }
    for connector in store.connectors()? {
        if !records.connectors.iter().any(|kept| kept.name == connector.name) {
            plan.remove(Part::Connector, connector.name.as_str());
        }
    }
    for flavor in store.flavors()? {
        if !records.flavors.iter().any(|kept| kept.record.name == flavor.name) {
            plan.remove(Part::Flavor, &flavor.name);
        }
    }
    for flavor in BUILTIN {
        let is_kept = records.built_in.iter().any(|(kept, _)| kept == flavor.name);
        if !is_kept && !store.grants(Grantee { flavor: flavor.name, digest: None })?.is_empty() {
            plan.remove(Part::Flavor, flavor.name);
        }
    }
    Ok(())
}

/// The hosts of grants, in words.
fn reach(grants: &[Grant]) -> Vec<Escaped> {
    let words = |grant: &Grant| {
        let secrets = if grant.secrets { "send secrets to" } else { "reach" };
        format!("may {secrets} {}", grant.pattern).into()
    };
    grants.iter().map(words).collect()
}

/// The places that a connector's fields are read from, in words.
fn reads(connector: &ConnectorRecord) -> Vec<Escaped> {
    let words = |field: &StoredField| {
        let sources: Vec<String> = field.sources().iter().map(ToString::to_string).collect();
        (!sources.is_empty()).then(|| format!("field `{}` is read from {}", field.name, sources.join(", or ")).into())
    };
    connector.fields.iter().filter_map(words).collect()
}
