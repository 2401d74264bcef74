//! What is registered, is not in the file, and uses what the file changes: it has to work afterwards as before.

use super::error::ConfigurationError;
use super::plan::{Part, Plan};
use super::records::Records;
use crate::catalog::{Candidate, Catalog, Component};
use crate::registry;
use crate::store::RegistryRecord;

/// The components that an apply would register, each beside the one whose place it takes.
///
/// # Errors
/// When one is no flavor, or the store can't be read.
pub(crate) async fn candidates(
    catalog: &Catalog<'_>,
    records: &Records,
    plan: &Plan,
) -> Result<Vec<Candidate>, ConfigurationError> {
    let mut candidates = Vec::new();
    for flavor in records.flavors.iter().filter(|flavor| plan.writes(Part::Flavor, &flavor.record.name)) {
        let (label, origin) = (flavor.record.name.clone(), flavor.record.origin.clone());
        let component = Component { bytes: flavor.component.clone(), label, origin };
        let at = format!("flavor `{}`", flavor.record.name);
        let candidate = catalog.inspect(component, true).await;
        candidates.push(candidate.map_err(|error| ConfigurationError::of_entry(&at, &error))?);
    }
    Ok(candidates)
}

/// Checks that the registries which are not in the file and stay can use the flavors and connectors that it has.
///
/// # Errors
/// When one can't.
pub(crate) async fn check_others(
    catalog: &Catalog<'_>,
    records: &Records,
    candidates: &[Candidate],
    plan: &Plan,
) -> Result<(), ConfigurationError> {
    let removed: Vec<&str> = plan.removed(Part::Registry).collect();
    let is_other = |name: &str| {
        !removed.contains(&name) && !records.registries.iter().any(|(record, _)| record.name.as_str() == name)
    };
    for candidate in candidates.iter().filter(|candidate| !candidate.is_unchanged()) {
        let misfits = registry::misfits(catalog.store(), &candidate.flavor).await;
        let misfits = misfits.map_err(|error| ConfigurationError::of_entry("what is registered", &error))?;
        if let Some(misfit) = misfits.into_iter().find(|misfit| is_other(misfit.registry.as_str())) {
            let problem = format!(
                "it is not in the file, and the file's flavor `{}` does not fit it: {}",
                candidate.record.name, misfit.reason
            );
            return Err(in_use(misfit.registry.as_str(), problem));
        }
    }
    for connector in records.connectors.iter().filter(|one| plan.writes(Part::Connector, one.name.as_str())) {
        let users = catalog.store().registries()?.into_iter();
        let users = users.filter(|user| user.connector.as_ref() == Some(&connector.name));
        for RegistryRecord { name, flavor, .. } in users.filter(|user| is_other(user.name.as_str())) {
            let new = candidates.iter().find(|candidate| candidate.record.name == flavor);
            let knows = match new {
                Some(new) => {
                    new.flavor.description().auth_method(&connector.connector_type, &connector.method).is_some()
                }
                None => {
                    let entry = catalog.entry(&flavor).await;
                    let entry = entry.map_err(|error| ConfigurationError::of_entry("what is registered", &error))?;
                    entry.description.auth_method(&connector.connector_type, &connector.method).is_some()
                }
            };
            if !knows {
                let problem = format!(
                    "it is not in the file, and its flavor `{flavor}` can't use the file's connector `{}`",
                    connector.name
                );
                return Err(in_use(name.as_str(), problem));
            }
        }
    }
    Ok(())
}

fn in_use(registry: &str, problem: String) -> ConfigurationError {
    ConfigurationError::Others { registry: registry.into(), problem: problem.into() }
}
