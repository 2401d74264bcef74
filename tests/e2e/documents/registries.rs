//! The guide's sections on registries: their commands work as they stand there, and a test of the name that each gives
//! exists.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::document;
use crate::support::programs::crhost::{Home, built_in, repository};

/// A section about one kind of registry.
struct Section {
    registry: String,
    commands: Vec<String>,
    test: String,
}

/// The sections that name a test.
fn sections() -> Vec<Section> {
    let section = |text: &str| {
        let (registry, rest) = text.split_once('\n').unwrap();
        let (_, test) = rest.split_once("Shown by the test `")?;
        let (_, block) = rest.split_once("```sh\n").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        Some(Section {
            registry: registry.to_owned(),
            commands: block.lines().map(str::to_owned).collect(),
            test: test.split('`').next().unwrap().to_owned(),
        })
    };
    document("docs/guide/registries.md").split("\n## ").filter_map(section).collect()
}

#[test]
fn the_commands_of_the_guide_register_every_kind_of_registry() {
    let mut home = Home::new();
    let sections = sections();
    fs::write(home.path("key.json"), "{}").unwrap();
    for section in &sections {
        for command in &section.commands {
            for variable in command.split("@env:").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
                home.set(variable, "only-for-the-test");
            }
            // There is no registry to verify it at.
            let words = shlex::split(command).unwrap();
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).chain(["--no-verify"]).collect();
            let done = home.ok(&words);
            assert!(!done.stderr.contains("warning"), "{}: {done}", section.registry);
        }
    }
    let listed = home.ok(&["registry", "list", "-o", "json"]).json();
    let listed = listed["registries"].as_array().unwrap();
    assert_eq!(listed.len(), sections.len());
    let mut flavors: Vec<&str> = listed.iter().map(|registry| registry["flavor"].as_str().unwrap()).collect();
    flavors.sort_unstable();
    flavors.dedup();
    assert_eq!(flavors, built_in(), "a flavor has no section");
    assert!(listed.iter().all(|registry| registry["connector"] != Value::Null));
}

#[test]
fn every_section_of_the_guide_names_a_test_that_exists() {
    let mut tests = String::new();
    collect(&repository().join("tests/e2e/flavors"), &mut tests);
    for section in sections() {
        let test = format!("#[test]\nfn {}() {{", section.test);
        assert!(tests.contains(&test), "{}: there is no test `{}`", section.registry, section.test);
    }
}

fn collect(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, text);
        } else {
            text.push_str(&fs::read_to_string(&entry).unwrap());
        }
    }
}

/// The rows of the table of registries: the page that the first column leads to, flavor, URI.
fn rows() -> Vec<[String; 3]> {
    let readme = document("README.md");
    let (_, table) = readme.split_once("| registry | flavor | its URI, e.g. |").unwrap();
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let page = columns[1].split_once("](").unwrap().1.trim_end_matches(')').to_owned();
        let code = |column: &str| column.split('`').nth(1).unwrap().to_owned();
        [page, code(columns[2]), code(columns[3])]
    };
    table.lines().skip(2).take_while(|line| line.starts_with('|')).map(row).collect()
}

#[test]
fn every_row_of_the_table_of_registries_is_registered_as_it_says() {
    let home = Home::new();
    let rows = rows();
    let (mut built_in_rows, others): (Vec<_>, Vec<_>) =
        rows.iter().partition(|[page, ..]| !page.starts_with("examples/"));
    for [page, flavor, uri] in &built_in_rows {
        let registered = home.ok(&["registry", "register", flavor, "--flavor", flavor, "--uri", uri, "--no-verify"]);
        assert!(!registered.stderr.contains("warning"), "{registered}");
        assert!(page.starts_with("docs/guide/registries.md#"), "{page}");
    }
    built_in_rows.sort_by(|[_, one, _], [_, other, _]| one.cmp(other));
    assert_eq!(built_in_rows.iter().map(|[_, flavor, _]| flavor.as_str()).collect::<Vec<_>>(), built_in());
    // Their projects' commands are run by `templates::examples`.
    for [page, flavor, uri] in &others {
        let command = format!("--flavor {flavor} --uri {uri} ");
        assert!(document(page).contains(&command), "{page} has no `{command}`");
    }
    assert_eq!(others.len(), 2);
}
