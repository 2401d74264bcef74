//! The record of a policy, and what differs from the one in whose place it comes, for the audit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::granted;
use super::name::Name;
use super::put::Difference;
use crate::grant::Grant;
use crate::image::Digest;
use crate::text::Escaped;

/// A registered policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyRecord {
    /// The user's name for it.
    pub(crate) name: Name,
    /// The component's own name.
    pub(crate) policy: String,
    /// The component's own version.
    pub(crate) version: String,
    /// The version of the contract that it implements.
    pub(crate) contract: String,
    /// What it demands, in its own words.
    pub(crate) summary: String,
    /// The digest of its component.
    pub(crate) digest: Digest,
    /// The component's size in bytes.
    pub(crate) size: u64,
    /// Its origin, as the user wrote it.
    pub(crate) origin: String,
    /// Its options, as the user gave them.
    pub(crate) options: BTreeMap<String, String>,
    /// What it is asked about: `push`, `copy`, `delete`.
    pub(crate) actions: Vec<String>,
    /// The registries that it is asked about; empty for all.
    pub(crate) registries: Vec<PolicyScope>,
    /// The hosts that it may reach.
    pub(crate) grants: Vec<Grant>,
    /// Whether it is asked at all.
    pub(crate) enabled: bool,
    /// Whether the store keeps its component; that of a built-in policy is part of crhost.
    #[serde(skip)]
    pub(crate) is_stored: bool,
    /// Its description at registration, as JSON.
    #[serde(skip)]
    pub(crate) description: String,
}

/// A registry that a policy is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PolicyScope {
    /// The registry's name, if the user gave one.
    pub(crate) name: Option<Name>,
    /// Its URI when it was given.
    pub(crate) uri: String,
}

/// The parts that a new policy has, or in which one differs from the old one of its name.
pub(super) fn changes(old: Option<&PolicyRecord>, new: &PolicyRecord) -> Vec<Escaped> {
    let actions = |policy: &PolicyRecord| (!policy.actions.is_empty()).then(|| policy.actions.join(", "));
    let registries = |policy: &PolicyRecord| {
        let names: Vec<String> = policy.registries.iter().map(scope).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let enabled = |policy: &PolicyRecord| Some(if policy.enabled { "yes" } else { "no" }.to_owned());
    let component = |policy: &PolicyRecord| Some(policy.digest.to_string());
    let origin = |policy: &PolicyRecord| Some(policy.origin.clone());
    let option = |name: &String| {
        let value = |policy: &PolicyRecord| policy.options.get(name).cloned();
        Difference::of(&format!("option `{name}`"), old.and_then(value).as_deref(), value(new).as_deref())
    };
    let part = |part: &str, value: &dyn Fn(&PolicyRecord) -> Option<String>| {
        Difference::of(part, old.and_then(value).as_deref(), value(new).as_deref())
    };
    let mut names: Vec<&String> = old.map(|old| old.options.keys().collect()).unwrap_or_default();
    names.extend(new.options.keys().filter(|name| old.is_none_or(|old| !old.options.contains_key(*name))));
    let mut found: Vec<Difference> = Vec::new();
    if old.is_some() {
        found.extend(part("component", &component).into_iter().chain(part("origin", &origin)));
    }
    found.extend(part("enabled", &enabled).into_iter().chain(part("actions", &actions)));
    found.extend(part("registries", &registries));
    found.extend(names.into_iter().filter_map(option));
    let granted = granted::between(old.map_or(&[], |old| old.grants.as_slice()), &new.grants);
    found.iter().map(Difference::told).chain(granted).collect()
}

/// A registry that a policy is asked about.
fn scope(scope: &PolicyScope) -> String {
    scope.name.as_ref().map_or_else(|| scope.uri.clone(), ToString::to_string)
}
