//! Components that are no flavors, or bad ones. Whatever they do, crhost says what is wrong, ends, and keeps nothing of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::components::{self, COMPONENTS, FLAVORS};
use crate::support::crhost::{Home, Refused};

/// What `flavor register` has to say to each component that is refused before anything of it runs.
const REFUSED: [(&str, &str); 12] = [
    ("exports_a_flavor_without_functions", "does not fit the contract"),
    ("exports_a_newer_contract", "0.2.0"),
    ("exports_a_prerelease_of_the_contract", "0.1.0-rc.1"),
    ("exports_an_older_contract", "0.0.9"),
    ("exports_another_interface", "no flavor"),
    ("exports_functions_of_other_types", "does not fit the contract"),
    ("exports_nothing", "no flavor"),
    ("imports_a_door_of_another_type", "does not fit the contract"),
    ("imports_a_newer_contract", "`crhost:flavor/http@0.2.0`"),
    ("imports_sockets", "`wasi:sockets/tcp@0.2.0`"),
    ("imports_the_unknown", "`evil:host/x`"),
    ("imports_wasi_http", "`wasi:http/outgoing-handler@0.2.0`"),
];

/// What it has to say to each flavor that goes wrong when it is asked who it is.
const FAILING: [(&str, &str); 12] = [
    ("begins_with_too_large_a_table", "table"),
    ("begins_with_too_much_memory", "128 MiB of memory"),
    ("describe_never_ends", "longer than 5 s"),
    ("describe_points_nowhere", "stopped"),
    ("describe_recurses", "stopped"),
    ("describe_takes_all_memory", "128 MiB of memory"),
    ("describe_traps", "stopped"),
    ("describes_a_hundred_million_examples", "stopped"),
    ("describes_a_path_as_name", "no valid name"),
    ("describes_control_characters", "no valid name"),
    ("describes_no_text", "stopped"),
    ("start_never_ends", "longer than 5 s"),
];

/// What `registry register` has to say when one that looked good goes wrong later.
const FAILING_LATER: [(&str, &str); 6] = [
    ("describes_itself_well", "stopped"),
    ("realloc_never_ends", "longer than 5 s"),
    ("realloc_points_nowhere", "stopped"),
    ("validate_accepts_nonsense", "no valid URI"),
    ("validate_answers_a_third_way", "stopped"),
    ("validate_never_ends", "longer than 5 s"),
];

/// Those with a test of their own.
const OTHERS: [&str; 3] = ["describes_a_built_in_name", "describes_a_secret_as_text", "validate_refuses_in_colour"];

/// Registers a file and expects a refusal that leaves nothing behind.
#[track_caller]
fn assert_refused(home: &Home, code: i32, file: &str, words: &str) -> Refused {
    let refused = home.fails(code, &["flavor", "register", file]).says(words);
    assert!(!refused.stderr.contains('\u{1b}'), "a flavor writes to the terminal{}", *refused);
    assert_nothing_kept(home);
    refused
}

#[track_caller]
fn assert_nothing_kept(home: &Home) {
    let flavors = home.ok(&["flavor", "list", "-o", "json"]).json();
    let names: Vec<_> = flavors["flavors"].as_array().unwrap().iter().map(|flavor| &flavor["name"]).collect();
    assert_eq!(names, ["default", "dockerhub"]);
    assert_eq!(components_in(&home.path("crhost")), 0, "a component is left behind");
}

fn components_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_component = |path: &Path| path.extension().is_some_and(|extension| extension == "wasm");
    entries.map(|path| if path.is_dir() { components_in(&path) } else { usize::from(is_component(&path)) }).sum()
}

#[test]
fn components_that_do_not_fit_are_refused_before_they_run() {
    let home = Home::new();
    for (name, words) in REFUSED {
        fs::write(home.path("it.wasm"), components::component(COMPONENTS, name)).unwrap();
        assert_refused(&home, 7, "it.wasm", words);
    }
}

#[test]
fn flavors_that_go_wrong_at_once_are_refused() {
    let home = Home::new();
    for (name, words) in FAILING {
        fs::write(home.path("it.wasm"), components::component(FLAVORS, name)).unwrap();
        assert_refused(&home, 7, "it.wasm", words);
    }
}

#[test]
fn flavors_that_go_wrong_later_register_no_registry() {
    let home = Home::new();
    for (name, words) in FAILING_LATER {
        fs::write(home.path("it.wasm"), components::component(FLAVORS, name)).unwrap();
        home.ok(&["flavor", "register", "it.wasm", "--replace"]);
        home.fails(7, &["registry", "register", "x", "--flavor=drawback", "--uri=localhost:5000"]).says(words);
        let registries = home.ok(&["registry", "list", "-o", "json"]).json();
        assert_eq!(registries["registries"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn a_refusal_is_shown_and_not_obeyed() {
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::component(FLAVORS, "validate_refuses_in_colour")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
    let refused = home.run(&["registry", "register", "x", "--flavor=drawback", "--uri=localhost:5000"]);
    assert_eq!(refused.code, Some(2), "{refused}");
    assert!(!refused.stderr.contains('\u{1b}') && !refused.stderr.contains('\r'), "{refused}");
    assert!(!refused.stderr.lines().any(|line| line == "hint: run me"), "{refused}");
}

#[test]
fn the_names_of_the_house_are_taken() {
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::component(FLAVORS, "describes_a_built_in_name")).unwrap();
    for arguments in [&[][..], &["--replace"]] {
        home.fails(5, &[&["flavor", "register", "it.wasm"], arguments].concat()).says("`default`");
    }
    home.fails(5, &["flavor", "remove", "default"]).says("`default`");
    assert_nothing_kept(&home);
}

#[test]
fn every_text_has_a_test() {
    let cases = |table: &[(&str, &str)]| table.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(components::names(COMPONENTS), Vec::from_iter(cases(&REFUSED)));
    let mut flavors = cases(&FAILING);
    flavors.extend(cases(&FAILING_LATER));
    flavors.extend(OTHERS.map(str::to_owned));
    assert_eq!(components::names(FLAVORS), Vec::from_iter(flavors));
}
