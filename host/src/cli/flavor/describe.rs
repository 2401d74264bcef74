//! `crhost flavor describe`: a flavor's description, its grants and their reasons, and its last runs.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::{BUILT_IN, Catalog};
use crate::flavor::{AuthMethod, Description, Flavor, RequestedHost};
use crate::grant::Grant;
use crate::store::{FlavorRecord, Name, Run, Store};

/// A flavor.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Described<'a> {
    #[serde(flatten)]
    record: &'a FlavorRecord,
    /// The flavor's description of itself.
    description: &'a Description,
    /// Hosts that it may reach.
    grants: &'a [Grant],
    /// Hosts that it may reach for one registry alone.
    registry_grants: Vec<RegistryGrant<'a>>,
    /// Its last calls, the latest first.
    runs: &'a [Run],
}

/// A grant for one registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RegistryGrant<'a> {
    /// The registry's name.
    registry: &'a str,
    #[serde(flatten)]
    grant: &'a Grant,
}

/// Runs the command.
pub(super) async fn run(context: &Context, catalog: &Catalog<'_>, store: &Store, name: &str) -> Result<(), Failure> {
    if context.is_json() {
        return print_json(catalog, store, name).await;
    }
    let (flavor, record) = catalog.get(name).await?;
    let description = flavor.description();
    output::print_facts(&facts(&record, description));
    print_options(description);
    print_hosts(&flavor, &record, &catalog.grants_of_registries(&record)?);
    print_runs(&store.runs(name)?);
    Ok(())
}

/// Prints a flavor as JSON.
pub(super) async fn print_json(catalog: &Catalog<'_>, store: &Store, name: &str) -> Result<(), Failure> {
    let (flavor, record) = catalog.get(name).await?;
    let runs = store.runs(name)?;
    let of_registries = catalog.grants_of_registries(&record)?;
    output::print_json(&Described {
        record: &record,
        description: flavor.description(),
        grants: flavor.grants(),
        registry_grants: of_registries
            .iter()
            .map(|(name, grant)| RegistryGrant { registry: name.as_str(), grant })
            .collect(),
        runs: &runs,
    });
    Ok(())
}

/// The facts about a flavor, with their labels.
pub(super) fn facts(record: &FlavorRecord, description: &Description) -> Vec<(&'static str, String)> {
    let mut facts =
        vec![("Name", record.name.clone()), ("Version", record.version.clone()), ("Summary", record.summary.clone())];
    facts.extend(description.documentation.clone().map(|url| ("Documentation", url)));
    let methods = joined(&description.auth_methods);
    facts.extend([
        ("Origin", record.origin.clone()),
        ("Digest", record.digest.to_string()),
        ("Size", format!("{} bytes", record.size)),
        ("Contract", format!("crhost:flavor {}", record.contract)),
        ("URI examples", description.uri_examples.join(", ")),
        ("Auth methods", if methods.is_empty() { "none".to_owned() } else { methods }),
    ]);
    facts
}

/// The auth methods whose secrets a host would get.
pub(super) fn methods(ask: &RequestedHost<'_>) -> String {
    joined(ask.methods.iter().copied())
}

fn joined<'a>(methods: impl IntoIterator<Item = &'a AuthMethod>) -> String {
    methods.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn print_options(description: &Description) {
    if description.options.is_empty() {
        return;
    }
    output::print("");
    let rows = description.options.iter().map(|option| {
        let default = option.default.clone().unwrap_or_default();
        let default = if option.required && option.default.is_none() { "(required)".to_owned() } else { default };
        vec![option.name.to_string(), default, option.summary.clone()]
    });
    output::print_table(&["OPTION", "DEFAULT", "SUMMARY"], rows);
}

/// Prints every host that the flavor may reach or asks for, and why it is granted or not.
fn print_hosts(flavor: &Flavor, record: &FlavorRecord, of_registries: &[(Name, Grant)]) {
    let asks = flavor.description().requested_hosts();
    let secrets_of = |grant: &Grant| match asks.iter().find(|ask| *ask.pattern == grant.pattern) {
        _ if grant.secrets => "of any connector".to_owned(),
        Some(ask) => methods(ask),
        None => String::new(),
    };
    let granted = flavor.grants().iter().map(|grant| {
        let why = match (grant.written, record.origin == BUILT_IN) {
            (true, _) => "you wrote it",
            (false, true) => "asked for, and part of crhost",
            (false, false) => "asked for, and you agreed",
        };
        vec![grant.pattern.to_string(), secrets_of(grant), why.to_owned()]
    });
    let of_registries = of_registries.iter().map(|(name, grant)| {
        vec![grant.pattern.to_string(), secrets_of(grant), format!("you wrote it, for registry `{name}`")]
    });
    let denied = asks.iter().filter(|ask| !flavor.grants().iter().any(|grant| grant.pattern == *ask.pattern));
    let denied = denied.map(|ask| vec![ask.pattern.to_string(), methods(ask), "asked for, not granted".to_owned()]);
    let rows: Vec<_> = granted.chain(of_registries).chain(denied).collect();
    output::print("");
    if rows.is_empty() {
        output::print("It may reach no host, and asks for none.");
    } else {
        output::print_table(&["HOST", "SECRETS", "GRANTED"], rows);
    }
}

fn print_runs(runs: &[Run]) {
    if runs.is_empty() {
        return;
    }
    output::print("");
    let rows = runs.iter().map(|run| {
        vec![
            run.function.clone(),
            run.outcome.clone(),
            format!("{:.1} ms", run.time.as_secs_f64() * 1e3),
            format!("{} KiB", run.memory >> 10),
            run.requests.to_string(),
        ]
    });
    output::print_table(&["LAST RUNS", "OUTCOME", "TIME", "MEMORY", "REQUESTS"], rows);
}
