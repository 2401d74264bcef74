//! `crhost prune` with real registries; skopeo judges that what stays can still be pulled, after the registry has
//! collected its garbage.

mod clouds;
mod limited;
mod providers;
mod refusals;
mod running;
mod scale;

use std::fs;

use serde_json::Value;

use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::{Repository, digest_of, signature_tag};

const OLD: &str = "2024-01-01T00:00:00Z";
const NEW: &str = "2026-01-01T00:00:00Z";

/// A plan that a command writes to `plan.json`.
fn plan(home: &Home, words: &[&str]) -> Value {
    home.ok(&[&["prune"][..], words, &["--plan", "plan.json"]].concat());
    serde_json::from_str(&fs::read_to_string(home.path("plan.json")).unwrap()).unwrap()
}

/// The digests that a plan deletes, in order.
fn deletions(plan: &Value) -> Vec<&str> {
    let repositories = plan["repositories"].as_array().unwrap();
    let all = repositories.iter().flat_map(|repository| repository["deletions"].as_array().unwrap());
    all.map(|deletion| deletion["digest"].as_str().unwrap()).collect()
}

/// Expects that every manifest of an image, for each platform, can be pulled.
fn assert_pulls(registry: &Registry, name: &str) {
    skopeo::pull(registry.access(), &format!("{}/{name}", registry.host()));
}

#[test]
fn what_stays_can_be_pulled_after_the_garbage_is_collected() {
    let (mut registry, home) = (Registry::deleting(), Home::new());
    let host = registry.host().to_owned();
    home.register("prod", &host);
    let train = Repository { host: &host, name: "acme/train" };
    let (old, shared) = (train.image(None, "old", OLD), train.image(None, "shared", OLD));
    let new = train.image(None, "new", NEW);
    let old_index = train.index(Some("v1"), &[&old, &shared]);
    train.index(Some("v2"), &[&new, &shared]);
    let signature = train.artifact(Some(&signature_tag(&old_index)), "signature", None);
    let kept_signature = train.artifact(Some(&signature_tag(&shared)), "signature of shared", None);
    let shown = home.ok(&["prune", "prod/acme/train", "--keep", "1"]);
    assert!(shown.stdout.contains("not among the newest 1") && shown.stderr.contains("nothing was deleted"), "{shown}");
    let plan = plan(&home, &["prod/acme/train", "--keep", "1", "--older-than", "30d"]);
    let mut gone = deletions(&plan);
    assert_eq!(gone[0], digest_of(&old_index), "the index goes first: {plan}");
    gone.sort_unstable();
    let mut expected = [&old_index, &old, &signature].map(digest_of);
    expected.sort_unstable();
    assert_eq!(gone, expected, "{plan}");
    assert!(train.has("v1"), "a plan deletes nothing");
    let applied = home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert_eq!(applied.stdout.lines().count(), 3, "{applied}");
    assert!(!train.has("v1") && !train.has(digest_of(&old)) && !train.has(&signature_tag(&old_index)));
    assert!(train.has(digest_of(&kept_signature)));
    registry.collect_garbage();
    let again = Repository { host: registry.host(), name: "acme/train" };
    for child in [&new, &shared] {
        assert!(again.has(digest_of(child)));
        assert_pulls(&registry, &format!("acme/train@{}", digest_of(child)));
    }
    assert_pulls(&registry, "acme/train:v2");
    // What is gone already is no error.
    let twice = home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert!(twice.stderr.contains("deleted 0 manifests") && twice.stderr.contains("3 were gone already"), "{twice}");
}

#[test]
fn every_repository_of_a_registry_is_looked_at() {
    let (registry, home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    home.register("prod", host);
    for name in ["a", "team/b"] {
        let repository = Repository { host, name };
        repository.image(Some("old"), &format!("old {name}"), OLD);
        repository.image(Some("new"), &format!("new {name}"), NEW);
    }
    let plan = plan(&home, &["prod", "--keep", "1"]);
    assert_eq!((plan["deletions"].as_u64(), plan["name"].as_str()), (Some(2), Some("prod")));
    let done = home.ok(&["prune", "--apply", "plan.json", "--yes", "-o", "json"]).json();
    assert_eq!((done["deleted"].as_array().unwrap().len(), &done["complete"]), (2, &true.into()));
    for name in ["a", "team/b"] {
        assert_pulls(&registry, &format!("{name}:new"));
        assert!(!Repository { host, name }.has("old"));
    }
}

#[test]
fn a_repository_that_is_listed_and_has_no_tags_keeps_no_other_from_being_looked_at() {
    let (registry, home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    home.register("prod", host);
    // As a first push that was refused leaves it.
    Repository { host, name: "acme/refused" }.blob("application/octet-stream", b"a blob");
    let train = Repository { host, name: "train" };
    train.image(Some("old"), "old", OLD);
    train.image(Some("new"), "new", NEW);
    assert!(home.ok(&["repos", "prod"]).stdout.contains("acme/refused"), "the registry lists it");
    let plan = plan(&home, &["prod", "--keep", "1"]);
    assert_eq!(plan["deletions"], 1, "{plan}");
    home.fails(3, &["prune", "prod/acme/refused", "--keep", "1"]).says("has no repository `acme/refused`");
}

#[test]
fn referrers_stay_with_their_image_and_go_with_it() {
    let home = Home::new();
    let (_server, host) = home.serve();
    let train = Repository { host: &host, name: "train" };
    let (old, new) = (train.image(Some("v1"), "old", OLD), train.image(Some("v2"), "new", NEW));
    let (of_old, of_new) = (train.artifact(None, "a", Some(&old)), train.artifact(None, "b", Some(&new)));
    let plan = plan(&home, &[&format!("{host}/train"), "--keep", "1"]);
    assert_eq!(deletions(&plan), [digest_of(&old), digest_of(&of_old)], "{plan}");
    home.ok(&["prune", "--apply", "plan.json", "--yes"]);
    assert!(!train.has("v1") && !train.has(digest_of(&of_old)));
    assert!(train.has("v2") && train.has(digest_of(&of_new)));
}

#[test]
fn times_that_lie_delete_nothing_and_the_user_is_told() {
    let (registry, home) = (Registry::deleting(), Home::new());
    let host = registry.host();
    let train = Repository { host, name: "train" };
    for (tag, created) in [
        ("epoch", "1970-01-01T00:00:00Z"),
        ("zip", "1980-01-01T00:00:01Z"),
        ("zero", "0001-01-01T00:00:00Z"),
        ("none", ""),
        ("future", "2999-01-01T00:00:00Z"),
    ] {
        train.image(Some(tag), tag, created);
    }
    let repository = format!("{host}/train");
    let shown = home.ok(&["prune", &repository, "--older-than", "1d"]);
    assert!(shown.stderr.contains("5 images with a time that is missing or can't be true"), "{shown}");
    assert!(shown.stdout.is_empty() && shown.stderr.contains("nothing goes"), "{shown}");
    let shown = home.ok(&["prune", &repository, "--keep", "0", "--include", "pr-*", "--keep-tag", "stable"]);
    assert!(shown.stderr.contains("no tag matches `--include pr-*`"), "{shown}");
    assert!(shown.stderr.contains("no tag matches `--keep-tag stable`"), "{shown}");
}
