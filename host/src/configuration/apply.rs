//! Changes a store to what a file says: all of it or nothing, in one transaction.

use super::error::ConfigurationError;
use super::plan::{Part, Plan, plan};
use super::records::{FlavorOf, Records};
use crate::grant::{Grant, HostPattern};
use crate::store::{Grantee, IfTaken, Name, Store, StoreError};

/// Carries a plan out.
///
/// # Errors
/// When the store is no longer as it was when the plan was made, or can't be written; nothing has changed then.
pub(crate) fn apply(store: &Store, records: &Records, planned: &Plan, prune: bool) -> Result<(), ConfigurationError> {
    store.together("apply", |store| {
        if plan(store, records, prune)? != *planned {
            return Err(ConfigurationError::Moved);
        }
        write(store, records, planned)?;
        Ok(remove(store, planned)?)
    })
}

/// Writes what is new and what changes.
fn write(store: &Store, records: &Records, plan: &Plan) -> Result<(), StoreError> {
    for flavor in records.flavors.iter().filter(|flavor| plan.writes(Part::Flavor, &flavor.record.name)) {
        write_flavor(store, flavor)?;
    }
    for (flavor, grants) in records.built_in.iter().filter(|(flavor, _)| plan.writes(Part::Flavor, flavor)) {
        grant(store, Grantee { flavor, digest: None }, grants)?;
    }
    for connector in records.connectors.iter().filter(|one| plan.writes(Part::Connector, one.name.as_str())) {
        store.put_connector(connector, IfTaken::Replace)?;
    }
    for (registry, grants) in &records.registries {
        if plan.writes(Part::Registry, registry.name.as_str()) {
            store.put_registry(registry, records.grantee(registry), grants, IfTaken::Replace)?;
        }
    }
    for (policy, component) in &records.policies {
        if plan.writes(Part::Policy, policy.name.as_str()) {
            store.put_policy(policy, component.as_deref(), true)?;
        }
    }
    match &records.default_registry {
        Some(name) if plan.writes(Part::DefaultRegistry, name.as_str()) => store.use_registry(name),
        _ => Ok(()),
    }
}

fn write_flavor(store: &Store, flavor: &FlavorOf) -> Result<(), StoreError> {
    let replaces = store.flavor(&flavor.record.name)?.map(|old| old.digest);
    store.add_flavor(&flavor.record, &flavor.component, &flavor.grants, replaces.as_ref(), true)?;
    store.set_accepted_operations(&flavor.record)?;
    grant(store, flavor.grantee(), &flavor.grants)
}

/// Grants this, and nothing else, for every registry.
fn grant(store: &Store, grantee: Grantee<'_>, grants: &[Grant]) -> Result<(), StoreError> {
    let is_kept = |pattern: &HostPattern| grants.iter().any(|grant| grant.pattern == *pattern);
    let stored = store.grants(grantee)?.into_iter().map(|grant| grant.pattern);
    let revoked: Vec<HostPattern> = stored.filter(|pattern| !is_kept(pattern)).collect();
    store.change_grants(grantee, None, grants, &revoked)
}

/// Removes what the plan has removed: what uses something before what is used.
fn remove(store: &Store, plan: &Plan) -> Result<(), StoreError> {
    if plan.removed(Part::DefaultRegistry).next().is_some() {
        store.use_no_registry()?;
    }
    let names = |part: Part| plan.removed(part).filter_map(|name| name.parse::<Name>().ok()).collect::<Vec<_>>();
    names(Part::Policy).iter().try_for_each(|name| store.remove_policy(name))?;
    names(Part::Registry).iter().try_for_each(|name| store.remove_registry(name).map(drop))?;
    names(Part::Connector).iter().try_for_each(|name| store.remove_connector(name))?;
    for flavor in plan.removed(Part::Flavor) {
        if !store.remove_flavor(flavor)? {
            grant(store, Grantee { flavor, digest: None }, &[])?;
        }
    }
    Ok(())
}
