//! "Pushing Manifests", also those with a subject, and those that a registry refuses.

use serde_json::{Value, json};

use super::leads_to;
use crate::support::images::digest;
use crate::support::images::image_files::{INDEX, MANIFEST};
use crate::support::programs::serve::{CONFIG, Serve};

#[test]
fn a_manifest_is_pushed_by_tag_and_by_digest() {
    let registry = Serve::start();
    let body = registry.image("team/train", "a").to_string();
    let digest = digest::of(body.as_bytes());
    for reference in ["test0", "test1", &digest] {
        let answer = registry.push_manifest("team/train", reference, MANIFEST, body.as_bytes()).expect(201);
        assert_eq!(answer.header("docker-content-digest"), digest);
        assert!(answer.headers("oci-tag").is_empty());
        leads_to(&registry, answer.header("location"), body.as_bytes());
    }
}

#[test]
fn a_manifest_pushed_by_digest_gets_the_tags_of_the_query() {
    let registry = Serve::start();
    let body = registry.image("team/train", "a").to_string();
    let target = format!("{}?tag=1.2.3&tag=1.2&tag=latest", digest::of(body.as_bytes()));
    let answer = registry.push_manifest("team/train", &target, MANIFEST, body.as_bytes()).expect(201);
    assert_eq!(answer.headers("oci-tag"), ["1.2.3", "1.2", "latest"]);
    for tag in ["1.2.3", "1.2", "latest"] {
        leads_to(&registry, &format!("/v2/team/train/manifests/{tag}"), body.as_bytes());
    }
    let bad = format!("{}?tag=-", digest::of(body.as_bytes()));
    registry.push_manifest("team/train", &bad, MANIFEST, body.as_bytes()).refused(400, "MANIFEST_INVALID");
}

#[test]
fn a_manifest_without_layers_is_taken() {
    let registry = Serve::start();
    for layers in [json!([]), Value::Null] {
        let mut manifest = registry.image("team/train", "a");
        manifest["layers"] = layers;
        registry.tag("team/train", "empty", &manifest);
    }
    registry.tag("team/train", "index", &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}));
}

#[test]
fn a_manifest_of_almost_four_megabytes_is_taken_and_a_larger_one_is_413() {
    let registry = Serve::start();
    let mut manifest = registry.image("team/train", "a");
    manifest["annotations"] = json!({"long": "A".repeat(3_990_000)});
    registry.tag("team/train", "large", &manifest);
    manifest["annotations"] = json!({"long": "A".repeat(5 << 20)});
    let body = manifest.to_string();
    registry.push_manifest("team/train", "larger", MANIFEST, body.as_bytes()).refused(413, "MANIFEST_INVALID");
}

#[test]
fn the_subject_of_a_manifest_is_answered_whether_it_is_there_or_not() {
    let registry = Serve::start();
    let image = registry.tag("team/train", "v1", &registry.image("team/train", "a"));
    for subject in [image, digest::of(b"to come"), format!("sha512:{}", "0".repeat(128))] {
        for (kind, mut manifest) in
            [(MANIFEST, registry.image("team/train", "b")), (INDEX, json!({"schemaVersion": 2, "manifests": []}))]
        {
            manifest["subject"] = json!({"mediaType": MANIFEST, "digest": subject, "size": 5});
            let answer = registry.push_manifest("team/train", "signature", kind, manifest.to_string().as_bytes());
            assert_eq!(answer.expect(201).header("oci-subject"), subject);
        }
    }
    let plain = registry.image("team/train", "a").to_string();
    let answer = registry.push_manifest("team/train", "v1", MANIFEST, plain.as_bytes()).expect(201);
    assert_eq!(answer.find("oci-subject"), None);
}

#[test]
fn a_manifest_that_names_an_absent_blob_is_refused() {
    let registry = Serve::start();
    let (absent, present) = (digest::of(b"absent"), registry.image("team/train", "a"));
    for member in ["config", "layers"] {
        let mut manifest = present.clone();
        let descriptor = json!({"mediaType": CONFIG, "digest": absent, "size": 6});
        manifest[member] = if member == "layers" { json!([descriptor]) } else { descriptor };
        let answer = registry.push_manifest("team/train", "v1", MANIFEST, manifest.to_string().as_bytes());
        assert!(answer.refused(404, "MANIFEST_BLOB_UNKNOWN").text().contains(&absent));
    }
    registry.ask("GET", "/v2/team/train/manifests/v1").refused(404, "MANIFEST_UNKNOWN");
}

#[test]
fn a_manifest_under_another_digest_is_refused() {
    let registry = Serve::start();
    let body = registry.image("team/train", "a").to_string();
    let sha512 = format!("sha512:{}", "0".repeat(128));
    let upper = digest::of(body.as_bytes()).to_uppercase().replace("SHA", "sha");
    for reference in ["sha256:baddigeststring", &digest::of(b"other"), &sha512, &upper] {
        let answer = registry.push_manifest("team/train", reference, MANIFEST, body.as_bytes());
        answer.refused(400, "DIGEST_INVALID");
    }
}

#[test]
fn what_is_no_manifest_is_refused() {
    let registry = Serve::start();
    let image = registry.image("team/train", "a");
    let mut both = image.clone();
    both["manifests"] = json!([{"mediaType": MANIFEST, "digest": digest::of(b"x"), "size": 1}]);
    let mut without_config = image.clone();
    without_config.as_object_mut().unwrap().remove("config");
    let mut bad_digest = image.clone();
    bad_digest["layers"][0]["digest"] = json!("sha256:ABC");
    for body in ["", "hello", "[]", "null", "{", r#"{"layers":3}"#, &both.to_string(), &without_config.to_string()] {
        registry.push_manifest("team/train", "v1", MANIFEST, body.as_bytes()).refused(400, "MANIFEST_INVALID");
    }
    registry
        .push_manifest("team/train", "v1", MANIFEST, bad_digest.to_string().as_bytes())
        .refused(400, "MANIFEST_INVALID");
    // Another type than its own, one that says nothing, and none at all.
    for kind in [INDEX, "application/json", "application/x-www-form-urlencoded"] {
        let answer = registry.push_manifest("team/train", "v1", kind, image.to_string().as_bytes());
        assert!(answer.refused(400, "MANIFEST_INVALID").text().contains(kind));
    }
    registry.send("PUT", "/v2/team/train/manifests/v1", &[], b"{}").refused(400, "MANIFEST_INVALID");
    registry
        .push_manifest("team/train", ".bad", MANIFEST, image.to_string().as_bytes())
        .refused(400, "MANIFEST_INVALID");
    registry.push_manifest("Team/train", "v1", MANIFEST, image.to_string().as_bytes()).refused(400, "NAME_INVALID");
}

#[test]
fn parameters_of_a_content_type_are_ignored_and_an_absent_one_is_the_manifests_own() {
    let registry = Serve::start();
    let body = registry.image("team/train", "a").to_string();
    let with_parameter = format!("{MANIFEST}; charset=utf-8");
    registry.push_manifest("team/train", "v1", &with_parameter, body.as_bytes()).expect(201);
    registry.send("PUT", "/v2/team/train/manifests/v2", &[], body.as_bytes()).expect(201);
    for tag in ["v1", "v2"] {
        let answer = registry.ask("GET", &format!("/v2/team/train/manifests/{tag}")).expect(200);
        assert_eq!(answer.header("content-type"), MANIFEST);
    }
}
