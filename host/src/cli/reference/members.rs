//! The members of results, which `--json` and `--format` know before a command runs.

use std::collections::BTreeSet;
use std::env;

use clap::Command;
use serde_json::Value;

use super::pages::check_file;
use super::schemas::DOCUMENTS;
use crate::cli::command_line::tree;
use crate::cli::selection::members::Members;
use crate::cli::selection::names::{NAMES, PARTS};

/// Commands whose result is no JSON: text for other programs, a protocol of others, or nothing.
const WITHOUT_JSON: [&str; 7] = [
    "crhost export",
    "crhost completions",
    "crhost man",
    "crhost docker credential-helper",
    "crhost kubernetes pull-secret",
    "crhost kubernetes credential-provider config",
    "crhost kubernetes render",
];

#[test]
fn the_table_of_members_is_as_the_schemas_are() {
    let mut lines = BTreeSet::new();
    for (_, source, schema) in DOCUMENTS {
        let schema = schema();
        let (mark, members) = match list(&schema) {
            Some(elements) => ("[]", names(elements, &schema)),
            None => ("", names(&schema, &schema)),
        };
        let members: Vec<String> = members.into_iter().collect();
        lines.extend(commands(source).into_iter().map(|command| format!("{command}{mark}: {}\n", members.join(" "))));
    }
    check_file("../../host/src/cli/selection/members.txt", &lines.into_iter().collect::<String>());
}

#[test]
fn every_command_has_members_and_a_name_among_them() {
    fn check(command: &Command, name: &str) {
        let below: Vec<&Command> =
            command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help").collect();
        for below in &below {
            check(below, &format!("{name} {}", below.get_name()));
        }
        if below.is_empty() && !WITHOUT_JSON.contains(&name) {
            let members = Members::of(name).unwrap_or_else(|| panic!("`{name}` is in no line of `DOCUMENTS`"));
            let named = NAMES.iter().chain([&PARTS]).any(|member| members.names().contains(member));
            assert!(named, "`-o name` shows nothing of `{name}`: {}", members.listed());
        }
    }
    // The program of the run that renews the table has the old one.
    if env::var_os("CRHOST_BLESS").is_none() {
        check(&tree::whole(), "crhost");
    }
}

/// The commands, without `crhost`, in the words that say what prints a document: `` `crhost registry describe`, `use`
/// and `copy` ``. Those with options other than `-o json` print something else with them.
fn commands(source: &str) -> Vec<String> {
    let (mut commands, mut before): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for code in source.split('`').skip(1).step_by(2) {
        let words: Vec<&str> = code.split(' ').collect();
        match words.as_slice() {
            ["crhost", words @ ..] => {
                before = words.iter().copied().take_while(|word| !word.starts_with('-')).collect();
                let options = &words[before.len()..];
                if options.is_empty() || options == ["-o", "json"] {
                    commands.push(before.join(" "));
                }
            }
            [word] if !before.is_empty() => {
                before.pop();
                before.push(word);
                commands.push(before.join(" "));
            }
            _ => {}
        }
    }
    commands
}

/// The schema of the elements, where a document has an array and nothing else.
fn list(schema: &Value) -> Option<&Value> {
    let mut members = schema["properties"].as_object()?.iter().filter(|(name, _)| *name != "schemaVersion");
    let (_, only) = members.next()?;
    (members.next().is_none() && only["type"] == "array").then(|| &only["items"])
}

/// The names of all members of an object.
fn names(schema: &Value, root: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(reference) = schema["$ref"].as_str() {
        found.extend(names(root.pointer(reference.trim_start_matches('#')).unwrap(), root));
    }
    found.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    for parts in ["allOf", "anyOf", "oneOf"] {
        found.extend(schema[parts].as_array().into_iter().flatten().flat_map(|part| names(part, root)));
    }
    found.remove("schemaVersion");
    found
}
