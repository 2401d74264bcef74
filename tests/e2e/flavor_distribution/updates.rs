//! `crhost flavor update`.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{FLAVOR, described, flavor, publish, version, with_option, write};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A registry with two releases, a pre-release and other tags, and a home with the first release.
fn scene() -> (Home, Registry, String) {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    publish(&home, &with_option("1.0.0"), &repository, &["--latest"]);
    home.ok(&["flavor", "register", &format!("oci://{repository}:1.0.0")]);
    publish(&home, &with_option("1.9.0"), &repository, &["--tag", "1.9.0", "--tag", "nightly"]);
    publish(&home, &with_option("2.0.0"), &repository, &["--tag", "2.0.0-rc.1"]);
    (home, registry, repository)
}

#[track_caller]
fn outcome(document: &Value) -> (&str, &str) {
    let update = &document["flavors"][0];
    (update["outcome"].as_str().unwrap(), update["to"].as_str().unwrap_or_default())
}

#[test]
fn an_update_takes_the_newest_release_and_is_taken_back() {
    let (home, _registry, repository) = scene();
    let looked = home.ok(&["flavor", "update", "--dry-run", "-o", "json"]).json();
    assert_eq!(outcome(&looked), ("available", "1.9.0"));
    assert_eq!(version(&home), "1.0.0");
    let updated = home.ok(&["flavor", "update", FLAVOR]);
    assert!(updated.stderr.contains("updated flavor `drawback` from 1.0.0 to 1.9.0"), "{updated}");
    assert!(described(&home)["origin"].as_str().unwrap().starts_with(&format!("oci://{repository}:1.9.0@sha256:")));
    let again = home.ok(&["flavor", "update", "-o", "json"]).json();
    assert_eq!(outcome(&again), ("current", ""));
    home.ok(&["flavor", "rollback", FLAVOR]);
    assert_eq!(version(&home), "1.0.0");
}

#[test]
fn a_version_is_named_a_missing_one_is_not_there_and_a_tag_that_lies_is_found_out() {
    let (home, _registry, repository) = scene();
    home.fails(3, &["flavor", "update", FLAVOR, "--to", "3.0.0"]).says("has no version 3.0.0");
    home.fails(2, &["flavor", "update", "--to", "1.9.0"]);
    home.ok(&["flavor", "update", FLAVOR, "--to", "1.9.0"]);
    home.fails(5, &["flavor", "update", FLAVOR, "--to", "1.0.0"]).says("which is older").says("--force");
    home.ok(&["flavor", "update", FLAVOR, "--to", "1.0.0", "--force"]);
    // A tag says what its publisher wants; the version of a component is what it describes.
    publish(&home, &flavor("0.9.0", ""), &repository, &["--tag", "9.0.0"]);
    home.fails(5, &["flavor", "update", FLAVOR]).says("this is 0.9.0, which is older");
    assert_eq!(version(&home), "1.0.0");
}

#[test]
fn an_update_that_a_registry_would_not_work_with_is_stopped() {
    let (home, _registry, repository) = scene();
    let registry = ["registry", "register", "prod", "--flavor", FLAVOR, "--uri=localhost:5000/prod"];
    home.ok(&[&registry[..], &["--option", "team=red"]].concat());
    publish(&home, &flavor("3.0.0", ""), &repository, &[]);
    home.fails(5, &["flavor", "update", FLAVOR]).says("`prod`").says("`team`");
    assert_eq!(version(&home), "1.0.0");
    home.ok(&["flavor", "update", FLAVOR, "--to", "1.9.0"]);
}

#[test]
fn a_flavor_of_a_file_that_is_registered_again_from_a_registry_is_updated_from_there() {
    let (home, _registry, repository) = scene();
    home.ok(&["flavor", "remove", FLAVOR]);
    write(&home, "it.wasm", &flavor("1.9.0", ""));
    home.ok(&["flavor", "register", "it.wasm"]);
    assert!(described(&home)["origin"].as_str().unwrap().ends_with("/it.wasm"));
    publish(&home, &flavor("1.9.0", ""), &repository, &["--force"]);
    publish(&home, &flavor("3.0.0", ""), &repository, &[]);
    home.ok(&["flavor", "register", &format!("oci://{repository}:1.9.0")]);
    let origin = described(&home)["origin"].as_str().unwrap().to_owned();
    assert!(origin.starts_with(&format!("oci://{repository}:1.9.0@sha256:")), "{origin}");
    home.ok(&["flavor", "update", FLAVOR]);
    assert_eq!(version(&home), "3.0.0");
}

#[test]
fn what_came_from_no_registry_is_not_updated() {
    let home = Home::new();
    let nothing = home.ok(&["flavor", "update"]);
    assert!(nothing.stderr.contains("no registered flavor came from a registry"), "{nothing}");
    write(&home, "it.wasm", &flavor("1.0.0", ""));
    home.ok(&["flavor", "register", "it.wasm"]);
    home.fails(2, &["flavor", "update", FLAVOR]).says("and not from a registry");
    home.fails(5, &["flavor", "update", "aws"]).says("update crhost");
    home.fails(3, &["flavor", "update", "missing"]).says("no flavor named `missing`");
    assert_eq!(home.ok(&["flavor", "update", "-o", "json"]).json()["flavors"], Value::Array(Vec::new()));
}

#[test]
fn a_registry_that_is_down_stops_its_own_flavor_alone() {
    let (home, mut registry, _) = scene();
    registry.stop();
    let before = described(&home);
    home.fails(6, &["flavor", "update", FLAVOR]);
    let all = home.run(&["flavor", "update", "-o", "json"]);
    assert_eq!(all.code, Some(6), "{all}");
    let update = &all.json()["flavors"][0];
    assert_eq!((&update["name"], &update["outcome"]), (&FLAVOR.into(), &"failed".into()));
    assert!(update["error"].is_string() && all.stderr.contains("1 of 1 flavors stayed as they were"), "{all}");
    // What is registered works as before.
    assert_eq!(described(&home)["digest"], before["digest"]);
    home.ok(&["registry", "register", "it", "--flavor", FLAVOR, "--uri", "localhost:5000/it"]);
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new_one_and_both_work() {
    let (home, _registry, _) = scene();
    home.ok(&["registry", "register", "it", "--flavor", FLAVOR, "--uri", "localhost:5000/it"]);
    // Spread over the time that an update takes; whichever it meets, nothing is half done.
    for milliseconds in [1, 5, 10, 20, 40, 80, 160] {
        let mut update = home.command(&["flavor", "update", "--yes"]).spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        let _ = update.kill();
        update.wait().unwrap();
        assert!(["1.0.0", "1.9.0"].contains(&version(&home).as_str()));
        home.ok(&["registry", "update", "it", "--option", "team=red"]);
        if version(&home) == "1.9.0" {
            home.ok(&["flavor", "rollback", FLAVOR]);
        }
    }
    home.ok(&["flavor", "update"]);
    assert_eq!(version(&home), "1.9.0");
}
