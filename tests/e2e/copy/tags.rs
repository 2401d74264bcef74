//! All tags of a repository, or some of them.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::Scene;
use crate::support::fakes::faulty_proxy::{Fate, deciding, refusal};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::{here, noise};
use crate::support::judges::skopeo;
use crate::support::programs::serve::CONFIG;
use crate::support::programs::written_repository::{Repository, digest_of};

/// Pushes small images under tags, of which the first two are one image.
fn push_tags(scene: &Scene, tags: &[&str]) {
    for (number, tag) in tags.iter().enumerate() {
        let image = Image::small(here!() + number.saturating_sub(1) as u64, architecture());
        scene.push(&image, "train", tag);
    }
}

/// A digest as it stands in the target of an upload, where its colon is escaped.
fn hex_of(descriptor: &Value) -> String {
    digest_of(descriptor).trim_start_matches("sha256:").to_owned()
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
fn a_layer_that_several_tags_share_is_read_and_sent_once() {
    let scene = Scene::new();
    let train = Repository { host: scene.dev.host(), name: "train" };
    let base = train.blob(image_files::LAYER, &noise(here!(), 3 << 20));
    for number in 0..6 {
        let config = train.blob(CONFIG, format!("{{\"number\":{number}}}").as_bytes());
        let own = train.blob(image_files::LAYER, &noise(here!() + number, 100_000));
        train.manifest(
            Some(&format!("v{number}")),
            &json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": [base, own]}),
        );
    }
    let (digest, hex) = (digest_of(&base), hex_of(&base));
    let (mut read, mut copied) = (Vec::new(), Value::Null);
    let sent = scene.prod.requests_of(|| {
        read = scene.dev.requests_of(|| {
            copied = scene.home.ok(&["copy", "dev/train", "prod/train", "--all-tags", "-o", "json"]).json();
        });
    });
    let reads = read.iter().filter(|request| request.starts_with("GET ") && request.contains(digest)).count();
    let sends = sent.iter().filter(|request| request.starts_with("PUT ") && request.contains(&hex)).count();
    assert_eq!((reads, sends), (1, 1), "{sent:#?}");
    assert_eq!(copied["bytesSent"], (3 << 20) + 600_000, "{copied}");
    for number in 0..6 {
        skopeo::pull(scene.prod.access(), &format!("{}/train:v{number}", scene.prod.host()));
    }
}

#[test]
fn a_layer_whose_transfer_fails_is_sent_for_the_next_tag() {
    let scene = Scene::new();
    let train = Repository { host: scene.dev.host(), name: "train" };
    let base = train.blob(image_files::LAYER, &noise(here!(), 2 << 20));
    for tag in ["v1", "v2"] {
        let config = train.blob(CONFIG, format!("{{\"tag\":\"{tag}\"}}").as_bytes());
        train.manifest(
            Some(tag),
            &json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": [base]}),
        );
    }
    let (digest, refused) = (hex_of(&base), AtomicUsize::new(0));
    let proxy = deciding(scene.prod.host(), move |line| {
        let is_first =
            line.starts_with("PUT ") && line.contains(&digest) && refused.fetch_add(1, Ordering::SeqCst) == 0;
        if is_first { Fate::Gets(refusal("403 Forbidden", "")) } else { Fate::Passes }
    });
    let to = format!("localhost:{}/train", proxy.port());
    let ended = scene.home.run(&["copy", "dev/train", &to, "--all-tags", "-o", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended}"));
    assert_eq!((report["images"].as_array().unwrap().len(), report["failures"].as_array().unwrap().len()), (1, 1));
    assert_eq!(["v1", "v2"].iter().filter(|tag| scene.has(&format!("train:{tag}"))).count(), 1, "{ended}");
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
