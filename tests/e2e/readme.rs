//! The README's table of registries: its commands work as they stand there, and what it says is shown.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::programs::crhost::{Home, built_in, repository};

/// A row of the table.
struct Row {
    registry: String,
    commands: Vec<String>,
    test: String,
}

fn rows() -> Vec<Row> {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, section) = readme.split_once("\n## Registries\n").unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let code = |text: &str| text.trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [registry, commands, _, test] = cells[..] else { panic!("{line}") };
        Row { registry: registry.to_owned(), commands: commands.split("<br>").map(code).collect(), test: code(test) }
    };
    lines.take_while(|line| line.starts_with('|')).map(row).collect()
}

#[test]
fn the_commands_of_the_readme_s_table_register_every_kind_of_registry() {
    let mut home = Home::warm();
    let rows = rows();
    fs::write(home.path("key.json"), "{}").unwrap();
    for row in &rows {
        for command in &row.commands {
            for variable in command.split("@env:").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
                home.set(variable, "only-for-the-test");
            }
            let words: Vec<String> = command.split(' ').skip(1).map(|word| word.replace('\'', "")).collect();
            // Nobody is there to prove it to.
            let words: Vec<&str> = words.iter().map(String::as_str).chain(["--no-verify"]).collect();
            let done = home.ok(&words);
            assert!(!done.stderr.contains("warning"), "{}: {done}", row.registry);
        }
    }
    let listed = home.ok(&["registry", "list", "-o", "json"]).json();
    let listed = listed["registries"].as_array().unwrap();
    assert_eq!(listed.len(), rows.len());
    let mut flavors: Vec<&str> = listed.iter().map(|registry| registry["flavor"].as_str().unwrap()).collect();
    flavors.sort_unstable();
    flavors.dedup();
    assert_eq!(flavors, built_in(), "a flavor has no row");
    assert!(listed.iter().all(|registry| registry["connector"] != Value::Null));
}

#[test]
fn every_row_of_the_readme_s_table_is_shown_by_a_test_of_that_name() {
    let mut tests = String::new();
    collect(&repository().join("tests/e2e/flavors"), &mut tests);
    for row in rows() {
        let test = format!("#[test]\nfn {}() {{", row.test);
        assert!(tests.contains(&test), "{}: there is no test `{}`", row.registry, row.test);
    }
}

fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, text);
        } else {
            text.push_str(&fs::read_to_string(&entry).unwrap());
        }
    }
}
