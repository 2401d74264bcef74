//! All tags of a repository, or some of them.

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::image::{Image, architecture};
use crate::support::images::noise::here;

/// Pushes small images under tags, of which the first two are one image.
fn push_tags(scene: &Scene, tags: &[&str]) {
    for (number, tag) in tags.iter().enumerate() {
        let image = Image::small(here!() + number.saturating_sub(1) as u64, architecture());
        scene.push(&image, "train", tag);
    }
}

#[test]
fn the_tags_that_match_are_copied_and_no_others() {
    let scene = Scene::new();
    push_tags(&scene, &["v1", "v1.0", "v2", "v2-rc1", "latest"]);
    let include = ["copy", "dev/train", "prod/train", "--all-tags", "--include", "v*", "--exclude", "*-rc*"];
    let copied = scene.home.ok(&[&include[..], &["-o", "json"]].concat()).json();
    let tags: Vec<_> = copied["images"].as_array().unwrap().iter().map(|image| image["tags"].clone()).collect();
    assert_eq!(tags, [serde_json::json!(["v1", "v1.0"]), serde_json::json!(["v2"])]);
    for (tag, is_there) in [("v1", true), ("v1.0", true), ("v2", true), ("v2-rc1", false), ("latest", false)] {
        assert_eq!(scene.has(&format!("train:{tag}")), is_there, "{tag}");
    }
    scene.home.ok(&["copy", "dev/train", "prod/train", "-a"]);
    assert!(scene.has("train:latest") && scene.has("train:v2-rc1"));
}

#[test]
fn a_filter_that_matches_nothing_is_a_failure_and_so_is_a_tag_beside_all_tags() {
    let scene = Scene::new();
    push_tags(&scene, &["v1", "v2"]);
    let all = |more: &[&'static str]| [&["copy", "dev/train", "prod/train", "--all-tags"][..], more].concat();
    scene.home.fails(3, &all(&["--include", "x*"])).says("none of the 2 tags");
    scene.home.fails(3, &["copy", "dev/absent", "prod/train", "--all-tags"]).says("");
    scene.home.fails(2, &["copy", "dev/train:v1", "prod/train", "--all-tags"]).says("`v1` is one tag");
    scene.home.fails(2, &["copy", "dev/train", "prod/train", "--include", "v*"]).says("--all-tags");
    scene.prod.assert_untouched();
}

#[test]
fn a_tag_that_fails_costs_the_others_nothing() {
    let scene = Scene::new();
    push_tags(&scene, &["v1", "v2", "v3"]);
    let proxy = deciding(scene.dev.host(), |line| match line.contains("/manifests/v2") {
        true => Fate::Gets(refusal("500 Internal Server Error", "")),
        false => Fate::Passes,
    });
    let from = format!("localhost:{}/train", proxy.port());
    let ended = scene.home.run(&["copy", &from, "prod/train", "--all-tags", "--exclude", "v1", "-o", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_ne!(ended.code, Some(0), "{ended}");
    assert_eq!(report["failures"][0]["tags"], serde_json::json!(["v2"]), "{report}");
    assert!(ended.stderr.contains("1 of 2 images were not copied"), "{ended}");
    assert!(scene.has("train:v3") && !scene.has("train:v2"));
}
