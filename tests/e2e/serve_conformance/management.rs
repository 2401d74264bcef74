//! "Content Management": tags, manifests and blobs are deleted.

use serde_json::json;

use crate::support::images::digest;
use crate::support::programs::serve::Serve;

#[test]
fn a_tag_is_deleted_and_its_manifest_stays() {
    let registry = Serve::start();
    let image = registry.image("team/train", "a");
    let digest = registry.tag("team/train", "v1", &image);
    registry.tag("team/train", "v2", &image);
    registry.ask("DELETE", "/v2/team/train/manifests/v1").expect(202);
    registry.ask("GET", "/v2/team/train/manifests/v1").refused(404, "MANIFEST_UNKNOWN");
    registry.ask("DELETE", "/v2/team/train/manifests/v1").refused(404, "MANIFEST_UNKNOWN");
    registry.ask("GET", "/v2/team/train/manifests/v2").expect(200);
    registry.ask("GET", &format!("/v2/team/train/manifests/{digest}")).expect(200);
    assert_eq!(registry.ask("GET", "/v2/team/train/tags/list").expect(200).json()["tags"], json!(["v2"]));
}

#[test]
fn a_manifest_is_deleted_with_its_tags() {
    let registry = Serve::start();
    let image = registry.image("team/train", "a");
    let digest = registry.tag("team/train", "v1", &image);
    registry.tag("team/train", "v2", &image);
    registry.tag("team/train", "other", &registry.image("team/train", "b"));
    // In another repository it stays.
    registry.tag("team/other", "v1", &image);
    let target = format!("/v2/team/train/manifests/{digest}");
    registry.ask("DELETE", &target).expect(202);
    for reference in ["v1", "v2", &digest] {
        registry.ask("GET", &format!("/v2/team/train/manifests/{reference}")).refused(404, "MANIFEST_UNKNOWN");
    }
    registry.ask("DELETE", &target).refused(404, "MANIFEST_UNKNOWN");
    registry.ask("DELETE", &format!("/v2/team/nowhere/manifests/{digest}")).refused(404, "MANIFEST_UNKNOWN");
    registry.ask("DELETE", "/v2/team/train/manifests/sha256:short").refused(400, "DIGEST_INVALID");
    assert_eq!(registry.ask("GET", "/v2/team/train/tags/list").expect(200).json()["tags"], json!(["other"]));
    registry.ask("GET", "/v2/team/other/manifests/v1").expect(200);
}

#[test]
fn a_blob_is_deleted() {
    let registry = Serve::start();
    let target = format!("/v2/team/train/blobs/{}", registry.push_blob("team/train", b"content"));
    registry.ask("DELETE", &target).expect(202);
    registry.ask("GET", &target).refused(404, "BLOB_UNKNOWN");
    registry.ask("HEAD", &target).expect(404);
    registry.ask("DELETE", &target).refused(404, "BLOB_UNKNOWN");
    registry.ask("DELETE", &format!("/v2/team/train/blobs/{}", digest::of(b"x"))).refused(404, "BLOB_UNKNOWN");
    registry.ask("PATCH", &target).refused(405, "UNSUPPORTED");
}

#[test]
fn what_was_deleted_is_gone_after_a_restart() {
    let mut registry = Serve::start();
    let digest = registry.tag("team/train", "v1", &registry.image("team/train", "a"));
    registry.tag("team/train", "v2", &registry.image("team/train", "b"));
    registry.ask("DELETE", &format!("/v2/team/train/manifests/{digest}")).expect(202);
    registry.server.stop();
    (registry.server, registry.host) = registry.home.serve();
    assert_eq!(registry.ask("GET", "/v2/team/train/tags/list").expect(200).json()["tags"], json!(["v2"]));
    registry.ask("GET", "/v2/team/train/manifests/v2").expect(200);
}
