//! What registries are given besides plain images: content that is elsewhere, that is missing, empty or unknown.

use std::fs;

use serde_json::{Value, json};

use crate::support::images::digest;
use crate::support::images::image::Image;
use crate::support::images::image_files::{self, INDEX, MANIFEST};
use crate::support::images::noise::here;
use crate::support::programs::serve::{Answer, CONFIG, Serve};

/// Pushes a document by its tag, and expects it back byte for byte, before and after a restart.
fn takes(registry: &mut Serve, media_type: &str, document: &Value) {
    let body = document.to_string();
    registry.push_manifest("team/train", "v1", media_type, body.as_bytes()).expect(201);
    for _ in 0..2 {
        let answer = registry.ask("GET", "/v2/team/train/manifests/v1").expect(200);
        assert_eq!((answer.header("content-type"), answer.text()), (media_type, body.clone()));
        registry.server.stop();
        (registry.server, registry.host) = registry.home.serve();
    }
}

fn refuses(registry: &Serve, media_type: &str, document: &Value) -> Answer {
    registry.push_manifest("team/train", "bad", media_type, document.to_string().as_bytes())
}

#[test]
fn layers_that_registries_do_not_keep_need_not_be_there() {
    let mut registry = Serve::start();
    let absent = digest::of(b"not here");
    for (media_type, urls) in [
        ("application/vnd.oci.image.layer.nondistributable.v1.tar", None),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Some("https://example.com/layer")),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", None),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Some("https://example.com/layer")),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar", None),
        (image_files::LAYER, Some("https://example.com/layer")),
    ] {
        let mut manifest = registry.image("team/train", "a");
        let mut layer = json!({"mediaType": media_type, "digest": absent, "size": 8});
        if let Some(url) = urls {
            layer["urls"] = json!([url]);
        }
        manifest["layers"].as_array_mut().unwrap().insert(0, layer);
        takes(&mut registry, MANIFEST, &manifest);
    }
    let mut manifest = registry.image("team/train", "a");
    manifest["layers"][0] = json!({"mediaType": image_files::LAYER, "digest": absent, "size": 8, "urls": []});
    refuses(&registry, MANIFEST, &manifest).refused(404, "MANIFEST_BLOB_UNKNOWN");
}

#[test]
fn an_image_with_a_layer_that_is_elsewhere_is_pushed_by_crhost() {
    let registry = Serve::start();
    let (directory, image) = (registry.home.path("layout"), Image::new(here!()));
    let entry = image_files::manifest(&directory, &image);
    let blobs = directory.join("blobs/sha256");
    let read = |digest: &Value| fs::read(blobs.join(digest::hex(digest.as_str().unwrap()))).unwrap();
    let mut manifest: Value = serde_json::from_slice(&read(&entry["digest"])).unwrap();
    let foreign = &mut manifest["layers"][0];
    foreign["mediaType"] = json!("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    foreign["urls"] = json!(["https://example.com/layer"]);
    let absent = foreign["digest"].as_str().unwrap().to_owned();
    fs::remove_file(blobs.join(digest::hex(&absent))).unwrap();
    let mut entry = image_files::blob(&directory, MANIFEST, manifest.to_string().as_bytes());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "v1"});
    image_files::finish_layout(&directory, &[entry]);

    registry.home.register("dev", &registry.host);
    registry.home.ok(&["push", "oci:layout:v1", "--to", "dev", "--as", "team/train:v1"]);
    let pulled = registry.ask("GET", "/v2/team/train/manifests/v1").expect(200);
    assert_eq!(pulled.json()["layers"][0]["digest"], absent.as_str());
    registry.ask("GET", &format!("/v2/team/train/blobs/{absent}")).refused(404, "BLOB_UNKNOWN");
}

#[test]
fn an_index_may_name_manifests_that_are_missing_or_in_another_repository() {
    let mut registry = Serve::start();
    let elsewhere = registry.image("team/other", "a");
    let other = registry.tag("team/other", "v1", &elsewhere);
    let here = registry.tag("team/train", "amd64", &registry.image("team/train", "b"));
    let sha512 = format!("sha512:{}", "0".repeat(128));
    let entries: Vec<_> = [here, other, digest::of(b"missing"), sha512]
        .iter()
        .map(|digest| json!({"mediaType": MANIFEST, "digest": digest, "size": 500}))
        .collect();
    for (media_type, entries) in [
        (INDEX, json!(entries)),
        ("application/vnd.docker.distribution.manifest.list.v2+json", json!(entries)),
        (INDEX, json!([])),
        (INDEX, Value::Null),
    ] {
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": entries});
        takes(&mut registry, media_type, &index);
    }
    let bad = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": "sha256:x", "size": 1}]});
    refuses(&registry, INDEX, &bad).refused(400, "MANIFEST_INVALID");
}

#[test]
fn an_image_may_have_an_empty_layer_and_a_configuration_that_is_an_empty_object() {
    let mut registry = Serve::start();
    let (empty, object) = (registry.push_blob("team/train", b""), registry.push_blob("team/train", b"{}"));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": "application/vnd.example.thing",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": object, "size": 2, "data": "e30="},
        "layers": [
            {"mediaType": image_files::LAYER, "digest": empty, "size": 0},
            {"mediaType": image_files::LAYER, "digest": empty, "size": 0},
        ],
    });
    takes(&mut registry, MANIFEST, &manifest);
    let answer = registry.ask("GET", &format!("/v2/team/train/blobs/{empty}")).expect(200);
    assert_eq!((answer.header("content-length"), answer.body.len()), ("0", 0));
    // The well-known empty object has to be pushed as any other blob: it would be missing in a pull.
    registry.ask("DELETE", &format!("/v2/team/train/blobs/{object}")).expect(202);
    refuses(&registry, MANIFEST, &manifest).refused(404, "MANIFEST_BLOB_UNKNOWN");
}

#[test]
fn manifests_of_kinds_that_are_not_known_are_taken_as_they_are() {
    let mut registry = Serve::start();
    let (blob, subject) = (registry.push_blob("team/train", b"sbom"), digest::of(b"subject"));
    let artifact_type = "application/vnd.oci.artifact.manifest.v1+json";
    let artifact = json!({
        "mediaType": artifact_type,
        "artifactType": "application/vnd.example.sbom",
        "blobs": [{"mediaType": "text/plain", "digest": blob, "size": 4}],
        "subject": {"mediaType": MANIFEST, "digest": subject, "size": 7},
    });
    takes(&mut registry, artifact_type, &artifact);
    let referrers = registry.ask("GET", &format!("/v2/team/train/referrers/{subject}")).expect(200).json();
    assert_eq!(referrers["manifests"][0]["mediaType"], artifact_type);
    let mut absent = artifact.clone();
    absent["blobs"][0]["digest"] = json!(digest::of(b"absent"));
    refuses(&registry, artifact_type, &absent).refused(404, "MANIFEST_BLOB_UNKNOWN");
    for (media_type, document) in [
        ("application/vnd.example.thing.v1+json", json!({"layers": 3, "subject": "x", "anything": null})),
        ("application/x.thing", json!({})),
    ] {
        takes(&mut registry, media_type, &document);
    }
}

#[test]
fn manifests_of_schema_1_are_refused_in_words() {
    let registry = Serve::start();
    let old = json!({"schemaVersion": 1, "name": "train", "tag": "v1", "fsLayers": [], "history": []});
    for media_type in [
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ] {
        let answer = refuses(&registry, media_type, &old).refused(400, "MANIFEST_INVALID");
        assert!(answer.text().contains("schema 1"), "{}", answer.text());
    }
}

#[test]
fn digests_of_blobs_that_the_registry_cannot_have_are_refused_and_not_missed() {
    let registry = Serve::start();
    let upper = digest::of(b"x").to_uppercase().replace("SHA", "sha");
    // 404 would say that the blob is to be pushed, which can't be done.
    for bad in [format!("sha512:{}", "0".repeat(128)), upper] {
        let mut manifest = registry.image("team/train", "a");
        manifest["layers"][0]["digest"] = json!(bad);
        let refused = refuses(&registry, MANIFEST, &manifest).expect(400);
        assert!(refused.text().contains("digest"), "{}", refused.text());
        manifest["config"] = json!({"mediaType": CONFIG, "digest": bad, "size": 1});
        refuses(&registry, MANIFEST, &manifest).expect(400);
    }
}
