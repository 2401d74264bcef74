//! Exact mirrors: tags that the source no longer has.

use super::Scene;
use crate::support::images::noise::here;
use crate::support::programs::registry::Registry;
use crate::support::programs::serve::Serve;

const EXACT: &str = "repositories: [train]\nexact: true\nmaxDeletes: 2";

/// A mirror of two tags, and one that only `prod` has.
fn mirrored(scene: &Scene) {
    scene.push(here!(), "train", &["v1", "v2"]);
    let file = scene.file("repositories: [train]");
    scene.sync(&file, &[]);
    scene.home.ok(&["copy", "prod/mirror/train:v1", "prod/mirror/train:gone"]);
}

#[test]
fn what_the_source_no_longer_has_goes_only_where_that_is_asked_for() {
    let scene = Scene::new();
    mirrored(&scene);
    scene.sync(&scene.file("repositories: [train]"), &[]);
    assert_eq!(scene.tags("train"), ["gone", "v1", "v2"]);
    let planned = scene.home.ok(&["sync", &scene.file(EXACT), "--dry-run"]);
    assert!(planned.stderr.contains("mirror/train:gone: would be deleted"), "{planned}");
    assert_eq!(scene.tags("train"), ["gone", "v1", "v2"]);
    let report = scene.sync(&scene.file(EXACT), &[]);
    assert_eq!(report["repositories"][0]["deleted"], serde_json::json!(["gone"]), "{report}");
    assert_eq!(scene.tags("train"), ["v1", "v2"]);
}

#[test]
fn more_than_the_bound_and_what_the_filter_leaves_out_stays() {
    let scene = Scene::new();
    mirrored(&scene);
    let (ended, _) = scene.fails(&scene.file("repositories: [train]\nexact: true\nmaxDeletes: 0"));
    assert!(ended.code == Some(5) && ended.stderr.contains("`maxDeletes` is 0; none was deleted"), "{ended}");
    scene.sync(&scene.file("repositories: [train]\ntags: ['v*']\nexact: true\nmaxDeletes: 2"), &[]);
    assert_eq!(scene.tags("train"), ["gone", "v1", "v2"]);
}

/// docker-registry before version 3 takes a tag's name for a digest that is invalid.
#[test]
fn where_no_tag_is_deleted_alone_its_image_goes_unless_another_tag_needs_it() {
    let scene = Scene::new();
    let old = Registry::deleting();
    scene.home.register("old", old.host());
    let file = |lines: &str| {
        scene.write(&format!(
            "version: 1\nmirrors:\n  - source: dev\n    target: old\n    repositories: [train]\n{lines}"
        ))
    };
    scene.push(here!(), "train", &["v1"]);
    scene.push(here!(), "other", &["x"]);
    scene.sync(&file(""), &[]);
    scene.home.ok(&["copy", "old/train:v1", "old/train:held"]);
    for gone in ["a", "z"] {
        scene.home.ok(&["copy", "dev/other:x", &format!("old/train:{gone}")]);
    }
    let (ended, report) = scene.fails(&file("    exact: true\n    maxDeletes: 3\n"));
    assert_eq!(ended.code, Some(5), "{ended}");
    assert!(ended.stderr.contains("tag `held`") && ended.stderr.contains("another tag needs this one"), "{ended}");
    let mut deleted: Vec<String> = serde_json::from_value(report["repositories"][0]["deleted"].clone()).unwrap();
    deleted.sort();
    assert_eq!(deleted, ["a", "z"], "{report}");
    let left = scene.home.ok(&["tags", "old/train", "-o", "json"]).json();
    let mut left: Vec<&str> = left["tags"].as_array().unwrap().iter().filter_map(|tag| tag["tag"].as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, ["held", "v1"]);
}

#[test]
fn an_empty_source_a_filter_that_matches_nothing_and_a_failed_copy_delete_nothing() {
    let scene = Scene::new();
    mirrored(&scene);
    for lines in [
        // The source has no such repository.
        "repositories: [{path: absent, as: train}]\nexact: true\nmaxDeletes: 9",
        "repositories: [train]\ntags: ['x*']\nexact: true\nmaxDeletes: 9",
        "repositories: [train]\ntags: [v1, v9]\nexact: true\nmaxDeletes: 9",
        // Each would delete the tags of the other.
        "repositories: ['train:v1', 'train:v2']\nexact: true\nmaxDeletes: 9",
    ] {
        scene.fails(&scene.file(lines));
        assert_eq!(scene.tags("train"), ["gone", "v1", "v2"], "{lines}");
    }
    let empty = Serve::start();
    let image = empty.image("train", "x");
    empty.tag("train", "only", &image);
    empty.ask("DELETE", "/v2/train/manifests/only").expect(202);
    let file = scene.write(&format!(
        "version: 1\nmirrors:\n  - source: {}\n    target: prod/mirror\n    repositories: [train]\n    exact: true\n    maxDeletes: 9\n",
        empty.host
    ));
    scene.fails(&file);
    assert_eq!(scene.tags("train"), ["gone", "v1", "v2"]);
}
