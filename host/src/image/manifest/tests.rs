use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::json::habits::{habits, written};

fn digest() -> String {
    Digest::of(b"x").to_string()
}

fn manifest() -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": media_type::OCI_CONFIG, "digest": digest(), "size": 7},
        "layers": [{"mediaType": media_type::OCI_LAYER_GZIP, "digest": digest(), "size": 9}],
    })
}

fn index() -> Value {
    let platform = json!({"os": "linux", "architecture": "arm", "variant": "v7"});
    let entry = json!({
        "mediaType": media_type::OCI_MANIFEST, "digest": digest(), "size": 7,
        "platform": platform, "annotations": {"a": "b"},
    });
    json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [entry]})
}

fn config() -> Value {
    json!({"os": "linux", "architecture": "arm64", "rootfs": {"type": "layers", "diff_ids": [digest()]}})
}

proptest! {
    #[test]
    fn documents_are_understood_whatever_the_habits_of_their_program(habits in habits(), marked: bool) {
        let written = |document: Value| written(document, &habits, marked);
        let plain = |document: Value| document.to_string().into_bytes();
        let found = Manifest::parse(&written(manifest())).unwrap();
        prop_assert_eq!(found.to_bytes(), Manifest::parse(&plain(manifest())).unwrap().to_bytes());
        let found = Index::parse(&written(index())).unwrap();
        prop_assert_eq!(found.manifests, Index::parse(&plain(index())).unwrap().manifests);
        let found = Config::parse(&written(config())).unwrap();
        prop_assert_eq!(&found.rootfs.diff_ids, &Config::parse(&plain(config())).unwrap().rootfs.diff_ids);
        prop_assert_eq!(found.platform().unwrap().to_string(), "linux/arm64");
    }
}

#[test]
fn no_layers_may_be_absent_null_or_empty() {
    let blob = json!({"mediaType": media_type::OCI_CONFIG, "digest": digest(), "size": 7, "annotations": null});
    for layers in [json!({}), json!({"layers": null}), json!({"layers": []})] {
        let mut document = json!({"schemaVersion": 2, "config": blob});
        document.as_object_mut().unwrap().extend(layers.as_object().unwrap().clone());
        assert!(Manifest::parse(document.to_string().as_bytes()).unwrap().layers.is_empty(), "{document}");
    }
    for rootfs in [json!({"type": "layers", "diff_ids": null}), json!({}), Value::Null] {
        let document = json!({"os": "linux", "architecture": "amd64", "rootfs": rootfs});
        assert!(Config::parse(document.to_string().as_bytes()).unwrap().rootfs.diff_ids.is_empty(), "{document}");
    }
}

#[test]
fn what_a_document_needs_is_named_where_it_is_missing() {
    let error = Manifest::parse(br#"{"schemaVersion":2}"#).unwrap_err().to_string();
    assert_eq!(error, "this is no image manifest: its member `config` is missing");
}

#[test]
fn digests_of_another_algorithm_are_told_as_such() {
    let mut document = manifest();
    document["config"]["digest"] = format!("sha512:{}", "a".repeat(128)).into();
    let error = Manifest::parse(document.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("`config.digest`") && error.ends_with("by sha512, and sha256 is expected"), "{error}");
}
