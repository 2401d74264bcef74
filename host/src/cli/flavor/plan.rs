//! What would be registered, and what it changes, as a user is shown before an answer.

use super::super::output;
use super::{describe, operations};
use crate::catalog::{Candidate, Changes};
use crate::grant::Grant;
use crate::text::quoted;

/// Shows the component that would be registered, and its differences to the registered one. What is asked for and was
/// not asked for before is marked.
pub(super) fn show(candidate: &Candidate, kept: &[Grant], keeps_registries: bool) {
    let description = candidate.flavor.description();
    let known = candidate.registered.as_ref().map(|(record, grants)| (record, grants.as_slice()));
    for (name, value) in describe::facts(&candidate.record, description) {
        row(name, &value);
    }
    if let Some((old, _)) = known.filter(|_| !candidate.is_unchanged()) {
        row("In place of", &format!("version {} ({})", old.version, old.digest));
        if old.contract != candidate.record.contract {
            row("Contract", &format!("crhost:flavor {} instead of {}", candidate.record.contract, old.contract));
        }
    }
    let before: Vec<String> = candidate.before.iter().flat_map(operations::requests).map(|known| known.text).collect();
    for requests in operations::requests(description) {
        let is_new = candidate.before.is_some() && !before.contains(&requests.text);
        for (at, line) in requests.lines().iter().enumerate() {
            let mark = if at == 0 && is_new { "  (new)" } else { "" };
            row(if at == 0 { "Asks to send" } else { "" }, &format!("{line}{mark}"));
        }
        if !requests.odd.is_empty() {
            row("Unusual", &format!("    a place of the service's own: {}", requests.odd.join(", ")));
        }
    }
    let granted = |pattern: &String| {
        known.is_some_and(|(_, grants)| grants.iter().any(|old| old.pattern.to_string() == *pattern))
    };
    let asked = description.requested_hosts().into_iter().map(|ask| ask.pattern.to_string());
    let new: Vec<String> = asked.filter(|pattern| !granted(pattern)).collect();
    if known.is_some() && !new.is_empty() {
        row("New hosts", &quoted(new));
    }
    candidate.changes().iter().filter(|_| !candidate.is_unchanged()).for_each(show_changes);
    let kept = kept.iter().map(|grant| ("Keeps", grant, String::new()));
    let label = if keeps_registries { "Keeps" } else { "Loses" };
    let of_registries =
        candidate.of_registries.iter().map(|(name, grant)| (label, grant, format!(" for registry `{name}`")));
    for (label, grant, registry) in kept.chain(of_registries) {
        let secrets = if grant.secrets { ", with secrets" } else { "" };
        row(label, &format!("{}{secrets}{registry}  (you wrote it)", grant.pattern));
    }
}

/// Shows what another version has more, less or otherwise, but for hosts that are new, which stand by themselves.
pub(super) fn show_changes(changes: &Changes) {
    let Changes { new_options, lost_options, new_auth_methods, lost_auth_methods, .. } = changes;
    let Changes { new_operations, changed_operations, lost_operations, lost_hosts, .. } = changes;
    for (label, names) in [
        ("New options", new_options),
        ("Options gone", lost_options),
        ("New methods", new_auth_methods),
        ("Methods gone", lost_auth_methods),
        ("New operations", new_operations),
        ("Operations", changed_operations),
        ("Operations gone", lost_operations),
        ("Hosts gone", lost_hosts),
    ] {
        if !names.is_empty() {
            let otherwise = if label == "Operations" { ", otherwise than before" } else { "" };
            row(label, &format!("{}{otherwise}", quoted(names)));
        }
    }
}

fn row(label: &str, value: &str) {
    output::say_line(format!("{label:16}{value}").trim_end());
}
