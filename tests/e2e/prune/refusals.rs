//! Plans that are not followed.

use std::fs;

use serde_json::{Value, json};

use super::{NEW, OLD, plan};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of};

/// A registry with a new and an old image, and a plan that deletes the old one.
fn planned() -> (Registry, Home) {
    let (registry, home) = (Registry::deleting(), Home::new());
    home.register("prod", registry.host());
    let train = Repository { host: registry.host(), name: "train" };
    train.image(Some("v1"), "old", OLD);
    train.image(Some("v2"), "new", NEW);
    assert_eq!(plan(&home, &["prod/train", "--keep", "1"])["deletions"], 1);
    (registry, home)
}

const APPLY: [&str; 4] = ["prune", "--apply", "plan.json", "--yes"];

fn edit(home: &Home, change: impl FnOnce(&mut Value)) {
    let mut plan: Value = serde_json::from_str(&fs::read_to_string(home.path("plan.json")).unwrap()).unwrap();
    change(&mut plan);
    fs::write(home.path("plan.json"), plan.to_string()).unwrap();
}

#[test]
fn a_plan_is_not_followed_once_the_graph_moved() {
    let (registry, home) = planned();
    let train = Repository { host: registry.host(), name: "train" };
    let old = train.image(None, "old", OLD);
    // An index that is pushed since names the image, under a new tag.
    train.index(Some("release"), &[&old]);
    home.fails(5, &APPLY).says("names");
    assert!(train.has("v1") && train.has(digest_of(&old)));

    let (registry, home) = planned();
    let train = Repository { host: registry.host(), name: "train" };
    train.image(Some("stable"), "old", OLD);
    home.fails(5, &APPLY).says("the new tag `stable` names");

    let (registry, home) = planned();
    let train = Repository { host: registry.host(), name: "train" };
    train.image(Some("v2"), "old", OLD);
    home.fails(5, &APPLY).says("tag `v2` names");
    assert!(train.has("v1"));
}

#[test]
fn what_is_pushed_since_and_has_nothing_to_do_with_it_is_no_obstacle() {
    let (registry, home) = planned();
    let train = Repository { host: registry.host(), name: "train" };
    train.image(Some("v3"), "newest", "2026-02-01T00:00:00Z");
    home.ok(&APPLY);
    assert!(!train.has("v1") && train.has("v2") && train.has("v3"));
}

#[test]
fn a_plan_that_was_edited_deletes_nothing_that_stays() {
    let (registry, home) = planned();
    let train = Repository { host: registry.host(), name: "train" };
    let new = train.image(Some("v2"), "new", NEW);
    edit(&home, |plan| {
        let mut added = plan["repositories"][0]["deletions"][0].clone();
        added["digest"] = new["digest"].clone();
        plan["repositories"][0]["deletions"].as_array_mut().unwrap().push(added);
    });
    home.fails(5, &APPLY).says("it is one of the newest");
    edit(&home, |plan| plan["version"] = json!(0));
    home.fails(2, &APPLY).says("plan of version 0, expected 1");
    fs::write(home.path("plan.json"), "{}").unwrap();
    home.fails(2, &APPLY).says("no plan");
    fs::remove_file(home.path("plan.json")).unwrap();
    home.fails(3, &APPLY).says("can't be read");
    assert!(train.has("v1") && train.has("v2"));
}

#[test]
fn a_plan_is_for_one_registry_and_needs_a_yes() {
    let (_registry, home) = planned();
    home.fails(2, &["prune", "--apply", "plan.json"]).says("`--yes`");
    home.ok(&["registry", "register", "other", "--flavor=default", "--uri=localhost:1", "--no-verify"]);
    home.fails(2, &["prune", "other", "--apply", "plan.json", "--yes"]).says("the plan is for registry");
    home.fails(2, &["prune", "prod/train"]).says("nothing says which images may go");
    home.fails(2, &["prune", "prod/train:v1", "--keep", "1"]).says("names one image");
}

#[test]
fn a_registry_that_does_not_delete_is_told_of() {
    let (registry, home) = (Registry::open(), Home::new());
    let train = Repository { host: registry.host(), name: "train" };
    train.image(Some("v1"), "old", OLD);
    plan(&home, &[&format!("{}/train", registry.host()), "--keep", "0"]);
    home.fails(1, &APPLY).says("deletes nothing from `train`");
    assert!(train.has("v1"));
}
