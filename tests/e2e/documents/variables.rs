//! The reference names every variable that the program, its build and its tests read, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{document, documents};
use crate::support::programs::crhost::repository;

/// What names of variables begin with.
const PREFIX: &str = "CRHOST_";

/// What the host's build script tells the compiler: no variable of a user's.
const OF_THE_BUILD: &str = "CRHOST_TARGET";

#[test]
fn every_variable_in_the_sources_is_in_the_reference_and_every_one_in_the_documents_is_in_the_sources() {
    let mut read = BTreeSet::new();
    for top in ["host", "xtask", "tests/e2e"] {
        collect(&repository().join(top), &mut read);
    }
    read.remove(OF_THE_BUILD);
    let reference = names(&document("docs/reference/environment.md"));
    assert!(reference.len() > 5, "{reference:?}");
    let unknown: Vec<&String> = read.difference(&reference).collect();
    assert!(unknown.is_empty(), "not in docs/reference/environment.md: {unknown:?}");
    for document in documents() {
        let stale: Vec<String> = names(&document.text).difference(&read).cloned().collect();
        assert!(stale.is_empty(), "{}: read nowhere: {stale:?}", document.path.display());
    }
}

fn collect(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            // This module speaks of variables that do not exist.
            if entry.file_name().is_none_or(|name| name != "documents") {
                collect(&entry, found);
            }
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.extend(names(&fs::read_to_string(&entry).unwrap()));
        }
    }
}

/// The names of variables in a text.
fn names(text: &str) -> BTreeSet<String> {
    let name = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
        rest.get(..end).filter(|rest| !rest.is_empty()).map(|rest| format!("{PREFIX}{rest}"))
    };
    text.split(PREFIX).skip(1).filter_map(name).collect()
}

#[test]
fn a_name_ends_where_no_capital_follows() {
    let found = names("`CRHOST_HOME`, CRHOST_IDLE_TIMEOUT=5 and CRHOST_*");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["CRHOST_HOME", "CRHOST_IDLE_TIMEOUT"]);
}
