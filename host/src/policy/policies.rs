//! The registered policies: how they are registered, changed and shown.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::ManageError;
use super::load::{self, BUILT_IN};
use super::{gate, scope};
use crate::catalog::Component;
use crate::flavor::options::check_policy;
use crate::flavor::{self, Action, Policy, PolicyDescription, Runtime, builtin};
use crate::grant::{Grant, HostPattern};
use crate::store::{Name, PolicyRecord, PolicyScope, Run, Store};

/// The policies of one user.
pub(crate) struct Policies<'a> {
    /// Keeps them.
    pub(crate) store: &'a Store,
    /// Loads their components.
    pub(crate) runtime: &'a Runtime,
}

/// A component that is a policy, before it is registered.
pub(crate) struct Candidate {
    /// Its description.
    pub(crate) description: PolicyDescription,
    record: PolicyRecord,
    component: Option<Vec<u8>>,
}

/// What a user chooses when a policy is registered.
pub(crate) struct Registration {
    /// The name; without one, the component's own.
    pub(crate) name: Option<Name>,
    /// Values of its options.
    pub(crate) options: BTreeMap<String, String>,
    /// What it is asked about; empty for everything.
    pub(crate) actions: Vec<Action>,
    /// The registries that it is asked about, by names or URIs; empty for all.
    pub(crate) registries: Vec<String>,
    /// The hosts that it may reach.
    pub(crate) grants: Vec<Grant>,
    /// Whether it may take the place of another one.
    pub(crate) replace: bool,
}

/// What a user changes of a policy.
#[derive(Default)]
pub(crate) struct Change {
    /// Options that get a value, and options that get none any more.
    pub(crate) options: BTreeMap<String, Option<String>>,
    /// What it is asked about from now on.
    pub(crate) actions: Option<Vec<Action>>,
    /// The registries that it is asked about from now on, by names or URIs; empty for all.
    pub(crate) registries: Option<Vec<String>>,
    /// Hosts that are granted to it.
    pub(crate) grant: Vec<Grant>,
    /// Hosts that are taken away.
    pub(crate) revoke: Vec<HostPattern>,
    /// Whether it is asked at all.
    pub(crate) enabled: Option<bool>,
}

impl Candidate {
    /// The name that it would have without another one.
    #[must_use]
    pub(crate) fn name(&self) -> &Name {
        &self.record.name
    }

    /// Whether a registered policy has this very component.
    #[must_use]
    pub(crate) fn is_component_of(&self, registered: &PolicyRecord) -> bool {
        self.record.digest == registered.digest
    }

    /// Its origin, as it is stored.
    #[must_use]
    pub(crate) fn origin(&self) -> &str {
        &self.record.origin
    }
}

impl Policies<'_> {
    /// Reads a component, from a file or by the name of a built-in policy, and asks for its description. Nothing is
    /// stored. A file of that name goes before a built-in policy only if it is written as a path.
    ///
    /// # Errors
    /// When it is no policy.
    pub(crate) async fn inspect(&self, file: &Path) -> Result<Candidate, ManageError> {
        let text = file.display().to_string();
        if let Some(built_in) = builtin::find_policy(&text) {
            let policy = self.admit(&text, built_in.component).await?;
            return Ok(candidate(&policy, BUILT_IN.to_owned(), None));
        }
        let bytes = flavor::read(file).map_err(|reason| ManageError::Read { path: file.into(), reason })?;
        // The stored origin is absolute, to be right in any working directory.
        let origin = std::path::absolute(file).map_or_else(|_| text.clone(), |path| path.display().to_string());
        self.examine(Component { bytes, label: text, origin }).await
    }

    /// Asks a component for its description. Nothing is stored.
    ///
    /// # Errors
    /// When it is no policy.
    pub(crate) async fn examine(&self, component: Component) -> Result<Candidate, ManageError> {
        let policy = self.admit(&component.label, &component.bytes).await?;
        Ok(candidate(&policy, component.origin, Some(component.bytes)))
    }

    /// The policy of a component, which is not registered.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) async fn admit(&self, label: &str, component: &[u8]) -> Result<Policy, ManageError> {
        let admitted = self.runtime.admit_policy(label, component).await;
        admitted.map_err(|reason| ManageError::Admission { origin: label.into(), reason })
    }

    /// Registers a policy.
    ///
    /// # Errors
    /// When its options don't fit, a registry is unknown, or the name is taken.
    pub(crate) fn register(
        &self,
        candidate: &Candidate,
        registration: Registration,
    ) -> Result<PolicyRecord, ManageError> {
        let Registration { name, options, actions, registries, grants, replace } = registration;
        let name = name.unwrap_or_else(|| candidate.record.name.clone());
        check_policy(name.as_str(), &candidate.description, &options)?;
        let record = PolicyRecord {
            options,
            actions: words(actions),
            registries: self.scopes(&registries)?,
            grants,
            name,
            ..candidate.record.clone()
        };
        self.store.put_policy(&record, candidate.component.as_deref(), replace)?;
        Ok(record)
    }

    /// Changes a registered policy.
    ///
    /// # Errors
    /// When there is none, its options don't fit, a registry is unknown, or a host to revoke is not granted; nothing
    /// has changed then.
    pub(crate) fn change(&self, name: &Name, change: Change) -> Result<PolicyRecord, ManageError> {
        let mut record = self.store.policy(name)?;
        for (option, value) in change.options {
            match value {
                Some(value) => drop(record.options.insert(option, value)),
                None => drop(record.options.remove(&option)),
            }
        }
        check_policy(name.as_str(), &load::description(&record)?, &record.options)?;
        if let Some(actions) = change.actions {
            record.actions = words(actions);
        }
        if let Some(registries) = change.registries {
            record.registries = self.scopes(&registries)?;
        }
        let granted: Vec<HostPattern> = record.grants.iter().map(|grant| grant.pattern.clone()).collect();
        if let Some(pattern) = change.revoke.iter().find(|pattern| !granted.contains(pattern)) {
            return Err(ManageError::NotGranted { policy: name.clone(), pattern: pattern.clone(), granted });
        }
        record.grants.retain(|grant| {
            !change.revoke.contains(&grant.pattern) && !change.grant.iter().any(|new| new.pattern == grant.pattern)
        });
        record.grants.extend(change.grant);
        record.enabled = change.enabled.unwrap_or(record.enabled);
        // The component's file stays as it is.
        self.store.put_policy(&record, None, true)?;
        Ok(record)
    }

    /// The description of a registered policy.
    ///
    /// # Errors
    /// When the store is damaged.
    pub(crate) fn description(&self, record: &PolicyRecord) -> Result<PolicyDescription, ManageError> {
        Ok(load::description(record)?)
    }

    /// The last calls of a policy, the latest first.
    pub(crate) fn runs(&self, name: &Name) -> Vec<Run> {
        gate::runs(self.store, name)
    }

    fn scopes(&self, registries: &[String]) -> Result<Vec<PolicyScope>, ManageError> {
        registries.iter().map(|text| scope::scope(self.store, text)).collect()
    }
}

/// A policy that could be registered; `component` is what the store keeps of it.
fn candidate(policy: &Policy, origin: String, component: Option<Vec<u8>>) -> Candidate {
    let description = policy.description().clone();
    let facts = policy.facts().clone();
    let record = PolicyRecord {
        name: name_of(&description),
        policy: description.name.to_string(),
        version: description.version.to_string(),
        contract: facts.contract.to_string(),
        summary: description.summary.clone(),
        digest: facts.digest,
        size: facts.size,
        origin,
        options: BTreeMap::new(),
        actions: Vec::new(),
        registries: Vec::new(),
        grants: Vec::new(),
        enabled: true,
        is_stored: component.is_some(),
        // Never empty: strings, numbers and lists always make JSON.
        description: serde_json::to_string(&description).unwrap_or_default(),
    };
    Candidate { description, record, component }
}

/// The name of a policy that the user gave none: every kebab name is a name.
fn name_of(description: &PolicyDescription) -> Name {
    description.name.as_str().parse().unwrap_or_else(|_| Name::unregistered())
}

/// The words of actions, each once, in their order; all of them where none is given.
fn words(mut actions: Vec<Action>) -> Vec<String> {
    if actions.is_empty() {
        actions = Action::ALL.to_vec();
    }
    actions.sort_unstable();
    actions.dedup();
    actions.into_iter().map(|action| action.word().to_owned()).collect()
}
