//! Registries that answer in odd ways, and content that is not what it says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::scripted::{registry, say};
use crate::support::images::digest;
use crate::support::images::image_files::{INDEX, MANIFEST};
use crate::support::programs::crhost::Home;

const SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

#[test]
fn a_digest_is_found_without_head_and_without_its_header() {
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": []}).to_string();
    let digest = digest::of(manifest.as_bytes());
    for has_head in [true, false] {
        let manifest = manifest.clone();
        let fake = registry(move |method, target| match (method, target.contains("/manifests/v1")) {
            ("HEAD", true) if !has_head => Some(say(405, &[], "")),
            (_, true) => Some(say(200, &[("content-type", MANIFEST)], manifest.clone())),
            _ => None,
        });
        let found = Home::new().ok(&["digest", &format!("{}/a:v1", fake.host())]);
        assert_eq!(found.stdout.trim(), digest, "{has_head}");
    }
}

#[test]
fn content_that_has_another_digest_is_never_shown() {
    let fake = registry(|_, target| {
        let header = [("content-type", MANIFEST), ("docker-content-digest", &*digest::of(b"other"))];
        target.contains("/manifests/").then(|| say(200, &header, "{}"))
    });
    let home = Home::new();
    for name in [format!("{}/a:v1", fake.host()), format!("{}/a@{}", fake.host(), digest::of(b"x"))] {
        home.fails(8, &["manifest", &name]).says("digest");
        home.fails(8, &["inspect", &name]).says("digest");
    }
}

#[test]
fn an_image_in_schema_1_is_called_so_and_a_large_manifest_is_refused() {
    let body = json!({"schemaVersion": 1, "name": "a", "tag": "v1", "fsLayers": [], "history": []}).to_string();
    let old = body.clone();
    let fake = registry(move |_, target| match target {
        "/v2/a/manifests/v1" => Some(say(200, &[("content-type", SCHEMA_1)], old.clone())),
        "/v2/a/manifests/large" => Some(say(200, &[("content-type", MANIFEST)], vec![b' '; (4 << 20) + 1])),
        _ => None,
    });
    let home = Home::new();
    let told = home.ok(&["inspect", &format!("{}/a:v1", fake.host()), "-o", "json"]).json();
    assert_eq!(told["kind"], "schema1");
    assert_eq!(home.ok(&["manifest", &format!("{}/a:v1", fake.host())]).stdout, body);
    home.fails(1, &["config", &format!("{}/a:v1", fake.host())]).says("schema 1");
    home.fails(1, &["inspect", &format!("{}/a:large", fake.host())]).says("larger than");
}

#[test]
fn a_document_that_is_two_things_is_refused_by_whatever_reads_it() {
    let (config, layer) = (digest::of(b"config"), digest::of(b"layer"));
    let image = |media_type: Option<&str>| {
        let mut image = json!({"schemaVersion": 2,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 6},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": 5}]});
        image["mediaType"] = media_type.into();
        image
    };
    let index = json!({"schemaVersion": 2, "manifests": []});
    let mut both = image(Some(MANIFEST));
    both["manifests"] = json!([{"mediaType": MANIFEST, "digest": digest::of(b"other"), "size": 5}]);
    for (given, document) in [
        (MANIFEST, image(Some(INDEX))),
        (INDEX, image(Some(MANIFEST))),
        (MANIFEST, both.clone()),
        (INDEX, both),
        (MANIFEST, index),
    ] {
        let bytes = document.to_string();
        let body = bytes.clone();
        let fake = registry(move |_, target| {
            target.contains("/manifests/").then(|| say(200, &[("content-type", given)], body.clone()))
        });
        let (home, name) = (Home::new(), format!("{}/a:v1", fake.host()));
        for words in [
            &["inspect", &name][..],
            &["ls-files", &name],
            &["config", &name],
            &["pull", &name, "oci:pulled"],
            &["pull", &name, "oci:pulled", "--all-platforms"],
            &["copy", &name, &format!("{}/b:v1", fake.host())],
            &["copy", &name, &format!("{}/b:v1", fake.host()), "--referrers"],
            &["tag", &name, "v2"],
            &["annotate", &name, "a=b"],
            &["index", "create", &format!("{}/a:both", fake.host()), &name],
        ] {
            let refused = home.run(words);
            assert!(refused.code != Some(0), "{given} {words:?} {document}");
            assert!(refused.stderr.contains("is ambiguous: "), "{given} {words:?}: {refused}");
        }
        assert!(!home.path("pulled").exists());
        // What it is made of can be seen.
        assert_eq!(home.ok(&["manifest", &name]).stdout, bytes);
    }
}

#[test]
fn a_layer_that_an_image_has_a_thousand_times_is_read_once() {
    let archive = super::files::archive(&[("etc/a", "a")]);
    let layer = json!({"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest::of(&archive),
        "size": archive.len()});
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": vec![layer; 1000],
        "config": {"mediaType": "application/vnd.acme", "digest": digest::of(b"{}"), "size": 2}})
    .to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let fake = registry(move |_, target| match target {
        "/v2/a/manifests/v1" => Some(say(200, &[("content-type", MANIFEST)], manifest.clone())),
        target if target.contains("/blobs/") => {
            counted.fetch_add(1, Ordering::Relaxed);
            Some(say(200, &[], archive.clone()))
        }
        _ => None,
    });
    let listed = Home::new().ok(&["ls-files", &format!("{}/a:v1", fake.host())]).stdout;
    assert_eq!(listed.lines().filter(|line| line.ends_with("etc/a")).count(), 1, "{listed}");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn an_index_that_leads_to_itself_or_to_nothing_ends() {
    // No content names its own digest, so that a registry has to lie.
    let inner = |digest: &str| {
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": INDEX, "digest": digest, "size": 1},
        ]})
        .to_string()
    };
    let outer = inner(&digest::of(b"itself"));
    let fake = registry(move |_, target| {
        target.contains("/manifests/").then(|| say(200, &[("content-type", INDEX)], outer.clone()))
    });
    let home = Home::new();
    home.fails(8, &["config", &format!("{}/a:v1", fake.host())]).says("digest");
    let lost = inner(&digest::of(b"lost"));
    let fake = registry(move |_, target| {
        (target == "/v2/a/manifests/v1").then(|| say(200, &[("content-type", INDEX)], lost.clone()))
    });
    home.fails(3, &["config", &format!("{}/a:v1", fake.host())]).says("names the manifest");
    // It is an index all the same.
    let shown = home.ok(&["inspect", &format!("{}/a:v1", fake.host())]);
    assert!(shown.stderr.contains("is not there"), "{shown}");
}
