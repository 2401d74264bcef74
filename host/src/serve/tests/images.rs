use serde_json::{Value, json};

use super::*;
use crate::image::media_type::OCI_MANIFEST;

async fn image(registry: &Running, repository: &str, subject: Option<&Digest>) -> Vec<u8> {
    let (config, layer) = (registry.push(repository, b"{}\n").await, registry.push(repository, b"layer").await);
    let mut manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 3 },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": 5 }],
    });
    if let Some(digest) = subject {
        manifest["subject"] = json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": 1 });
    }
    serde_json::to_vec(&manifest).unwrap()
}

async fn json(registry: &Running, path: &str) -> Value {
    let answer = registry.send("GET", path, &[], "", 200).await;
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn images_tags_and_referrers_outlive_the_registry() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let headers = [("content-type", OCI_MANIFEST)];
    let pushed = image(&registry, "acme/train", None).await;
    let digest = Digest::of(&pushed);
    let answer = registry.send("PUT", "/v2/acme/train/manifests/v1", &headers, pushed.clone(), 201).await;
    assert_eq!(header(&answer, "docker-content-digest"), digest.as_str());
    let signature = image(&registry, "acme/train", Some(&digest)).await;
    let by_digest = format!("/v2/acme/train/manifests/{}", Digest::of(&signature));
    registry.send("PUT", &by_digest, &headers, signature, 201).await;
    registry.stop().await;

    let registry = Running::start(data.path()).await;
    for reference in ["v1", digest.as_str()] {
        let path = format!("/v2/acme/train/manifests/{reference}");
        let answer = registry.send("GET", &path, &[], "", 200).await;
        assert_eq!(header(&answer, "content-type"), OCI_MANIFEST);
        assert_eq!(answer.bytes().await.unwrap(), pushed);
        registry.send("HEAD", &path, &[], "", 200).await;
    }
    assert_eq!(json(&registry, "/v2/_catalog").await, json!({ "repositories": ["acme/train"] }));
    assert_eq!(json(&registry, "/v2/acme/train/tags/list").await["tags"], json!(["v1"]));
    let referrers = json(&registry, &format!("/v2/acme/train/referrers/{digest}")).await;
    assert_eq!(referrers["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(registry.pull(&Digest::of(b"layer")).await, b"layer");
}

#[tokio::test]
async fn a_manifest_that_names_a_missing_blob_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let manifest = image(&registry, "a", None).await;
    registry.send("DELETE", &format!("/v2/a/blobs/{}", Digest::of(b"layer")), &[], "", 202).await;
    let answer = registry.send("PUT", "/v2/a/manifests/v1", &[("content-type", OCI_MANIFEST)], manifest, 404).await;
    assert_eq!(code(answer).await, "MANIFEST_BLOB_UNKNOWN");
    registry.send("HEAD", "/v2/a/manifests/v1", &[], "", 404).await;
}

#[tokio::test]
async fn a_manifest_beyond_four_mebibytes_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let huge = vec![b' '; (4 << 20) + 1];
    registry.send("PUT", "/v2/a/manifests/v1", &[("content-type", OCI_MANIFEST)], huge, 413).await;
}

#[tokio::test]
async fn a_part_of_a_blob_can_be_read() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let blob = content(1 << 20);
    let path = format!("/v2/a/blobs/{}", registry.push("a", &blob).await);
    for (range, first, last) in
        [("bytes=0-0", 0, 0), ("bytes=1000-", 1000, 1_048_575), ("bytes=-5", 1_048_571, 1_048_575)]
    {
        let answer = registry.send("GET", &path, &[("range", range)], "", 206).await;
        assert_eq!(header(&answer, "content-range"), format!("bytes {first}-{last}/1048576"));
        assert_eq!(answer.bytes().await.unwrap(), blob[first..=last]);
    }
    let beyond = registry.send("GET", &path, &[("range", "bytes=1048576-")], "", 416).await;
    assert_eq!(header(&beyond, "content-range"), "bytes */1048576");
    let head = registry.send("HEAD", &path, &[("range", "bytes=0-0")], "", 200).await;
    assert_eq!((header(&head, "content-length"), header(&head, "accept-ranges")), ("1048576".into(), "bytes".into()));
}
