//! The vendors' own clients and moto, which `cargo xtask setup` installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::crhost::repository;
use super::process;

/// The Python that has them.
#[track_caller]
pub(crate) fn python() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.unwrap_or_else(|| std::env::home_dir().unwrap().join(".cache"));
    let python = cache.join("crhost/peers/bin/python");
    assert!(python.exists(), "{} is missing: `cargo xtask setup` installs it", python.display());
    python
}

/// A program that came with them.
#[track_caller]
pub(crate) fn program(name: &str) -> PathBuf {
    let program = python().with_file_name(name);
    assert!(program.exists(), "{} is missing: `cargo xtask setup` installs it", program.display());
    program
}

/// Runs the script that wrote a table of cases, with the vendor's own client, and expects these cases again: unit tests
/// hold the flavor to the table.
#[track_caller]
pub(crate) fn assert_table(script: &str, table: &str) {
    let written = process::run(Command::new(python()).arg(repository().join(script))).ok().json();
    let table: Value = serde_json::from_str(&fs::read_to_string(repository().join(table)).unwrap()).unwrap();
    assert!(table["cases"].as_array().is_some_and(|cases| cases.len() > 10), "{table}");
    assert_eq!(written["cases"], table["cases"]);
}

#[test]
fn the_python_peers_are_installed() {
    let found = Command::new(python())
        .args(["-c", "import boto3, google.auth, kubernetes_validate, moto, msal, oras, zuul_registry"])
        .output();
    assert!(found.unwrap().status.success());
}
