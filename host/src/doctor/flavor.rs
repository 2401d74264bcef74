//! A registry's flavor: whether it is there, whole and able to run, takes the registry as it is, and was granted what
//! it asks for.

use super::finding::{Check, Finding};
use crate::catalog::{BUILT_IN, Catalog};
use crate::flavor::{Flavor, RequestedHost};
use crate::registry::{self, RegistryError};
use crate::store::{FlavorRecord, Name, RegistryRecord, Store};
use crate::text::quoted;

/// Whether the flavor of a registry can be used for it.
pub(super) async fn fits(store: &Store, catalog: &Catalog<'_>, registry: &RegistryRecord) -> Vec<Finding> {
    // Verifies the component's digest and compiles it.
    let loaded = catalog.get(&registry.flavor).await;
    let (flavor, record) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return without(Finding::failed(Check::Flavor, &error)),
    };
    if let Err(error) = registry::fits(store, registry, &flavor).await {
        return without(Finding::failed(Check::Flavor, &error));
    }
    let origin = if record.origin == BUILT_IN { "built in" } else { "as registered" };
    let found = format!("`{}` {}, {origin}, contract {}", record.name, record.version, record.contract);
    let grants = grants(store, catalog, registry, &flavor, &record);
    let grants = grants.unwrap_or_else(|error| vec![Finding::failed(Check::Grants, &error)]);
    [Finding::ok(Check::Flavor, found)].into_iter().chain(grants).collect()
}

fn without(flavor: Finding) -> Vec<Finding> {
    vec![flavor, Finding::skipped(Check::Grants, "its flavor can't be used")]
}

/// The hosts that it asks for and was granted, for every registry or for this one, and those that options name.
fn grants(
    store: &Store,
    catalog: &Catalog<'_>,
    registry: &RegistryRecord,
    flavor: &Flavor,
    record: &FlavorRecord,
) -> Result<Vec<Finding>, RegistryError> {
    let (description, grants) = (flavor.description(), flavor.identity().grants);
    if registry.name == Name::unregistered() {
        let found = "its flavor reaches the registry's own host alone, as it is not registered";
        return Ok(vec![Finding::ok(Check::Grants, found)]);
    }
    let of_registry = catalog.registry_grants(record, &registry.name)?;
    let is_granted =
        |host: &&RequestedHost| grants.iter().chain(&of_registry).any(|grant| grant.pattern == host.pattern);
    let requested = description.requested_hosts();
    let (granted, missing): (Vec<_>, Vec<_>) = requested.iter().partition(is_granted);
    let mut findings: Vec<Finding> = missing.into_iter().map(|host| of_missing(&record.name, host)).collect();
    let ungranted = registry::ungranted(store, registry, flavor, &of_registry)?;
    findings.extend(ungranted.iter().map(|ungranted| Finding::failed(Check::Grants, ungranted)));
    if record.origin != BUILT_IN {
        let closed = description.odd_operations().filter(|(name, _)| !record.accepted_operations.contains(name));
        findings.extend(closed.map(|(name, _)| {
            let found = format!("the operation `{name}` sends a secret at an unusual place, and is not accepted");
            let next = format!("if you trust it: register the flavor again with `--allow-operation {name}`");
            Finding::warning(Check::Grants, found, next)
        }));
    }
    if findings.is_empty() {
        let own: Vec<_> = of_registry.iter().map(|grant| &grant.pattern).collect();
        let own = if own.is_empty() { String::new() } else { format!(", and {} for this registry", quoted(own)) };
        let found = match granted.len() {
            0 => format!("it asks for no host{own}"),
            1 => format!("the host that it asks for is granted{own}"),
            many => format!("the {many} hosts that it asks for are granted{own}"),
        };
        findings.push(Finding::ok(Check::Grants, found));
    }
    Ok(findings)
}

fn of_missing(flavor: &str, host: &RequestedHost) -> Finding {
    let option = if host.methods.is_empty() { "--allow-host" } else { "--allow-secret-host" };
    let found = format!("flavor `{flavor}` asks for `{}`, which is not granted", host.pattern);
    Finding::warning(Check::Grants, found, format!("`crhost flavor grant {flavor} {option} '{}'`", host.pattern))
}
