//! `crhost policy describe`, and policies in words.

use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::flavor::PolicyDescription;
use crate::policy::{Candidate, Policies};
use crate::store::{PolicyRecord, Run};
use crate::text::quoted;

/// A policy.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Described<'a> {
    #[serde(flatten)]
    record: &'a PolicyRecord,
    /// The policy's description of itself.
    description: &'a PolicyDescription,
    /// Its last calls, the latest first.
    runs: &'a [Run],
}

/// Shows a registered policy.
pub(super) fn describe(context: &Context, policies: &Policies<'_>, record: &PolicyRecord) -> Result<(), Failure> {
    let description = policies.description(record)?;
    let runs = policies.runs(&record.name);
    if context.is_json() {
        output::print_json(&Described { record, description: &description, runs: &runs });
        return Ok(());
    }
    let mut facts = vec![("Name", record.name.to_string()), ("Policy", record.policy.clone())];
    facts.extend(facts_of_component(&description, &record.origin));
    facts.extend([
        ("Digest", record.digest.to_string()),
        ("Contract", format!("crhost:flavor {}", record.contract)),
        ("Enabled", if record.enabled { "yes" } else { "no" }.to_owned()),
        ("Asked about", record.actions.join(", ")),
        ("Registries", registries(record)),
        ("May reach", if record.grants.is_empty() { "no host".to_owned() } else { hosts(record) }),
    ]);
    output::print_facts(&facts);
    print_options(record, &description);
    print_runs(&runs);
    Ok(())
}

/// The facts of a component that could be registered.
pub(super) fn facts_of(candidate: &Candidate) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Name", candidate.name().to_string())];
    facts.extend(facts_of_component(&candidate.description, candidate.origin()));
    facts
}

fn facts_of_component(description: &PolicyDescription, origin: &str) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Version", description.version.to_string()), ("Summary", description.summary.clone())];
    facts.extend(description.documentation.clone().map(|url| ("Documentation", url)));
    facts.push(("Origin", origin.to_owned()));
    let requested = description.requested_hosts();
    if !requested.is_empty() {
        facts.push(("Asks to reach", quoted(&requested)));
    }
    facts
}

/// What a policy is asked about, in words that follow "which".
pub(super) fn asked(record: &PolicyRecord) -> String {
    if !record.enabled {
        return "is not asked".to_owned();
    }
    let registries = if record.registries.is_empty() { "every registry".to_owned() } else { registries(record) };
    format!("is asked before each {} at {registries}", record.actions.join(", "))
}

/// The registries that a policy is asked about.
pub(super) fn registries(record: &PolicyRecord) -> String {
    let shown = record.registries.iter().map(|scope| match &scope.name {
        Some(name) => name.to_string(),
        None => scope.uri.clone(),
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { "all".to_owned() } else { shown.join(", ") }
}

fn hosts(record: &PolicyRecord) -> String {
    quoted(record.grants.iter().map(|grant| &grant.pattern))
}

fn print_options(record: &PolicyRecord, description: &PolicyDescription) {
    if description.options.is_empty() {
        return;
    }
    output::print("");
    let rows = description.options.iter().map(|option| {
        let given = record.options.get(option.name.as_str()).cloned().unwrap_or_default();
        vec![option.name.to_string(), given, option.default.clone().unwrap_or_default(), option.summary.clone()]
    });
    output::print_table(&["OPTION", "VALUE", "DEFAULT", "SUMMARY"], rows);
}

fn print_runs(runs: &[Run]) {
    if runs.is_empty() {
        return;
    }
    output::print("");
    let rows = runs.iter().map(|run| {
        let (time, memory) = (format!("{:.1} ms", run.time.as_secs_f64() * 1e3), format!("{} KiB", run.memory >> 10));
        vec![run.function.clone(), run.outcome.clone(), time, memory, run.requests.to_string()]
    });
    output::print_table(&["LAST RUNS", "OUTCOME", "TIME", "MEMORY", "REQUESTS"], rows);
}
