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
