//! Registries that answer in odd ways, and content that is not what it says.

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
