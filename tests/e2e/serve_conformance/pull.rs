//! "Pull": manifests and blobs, whether they are there, and parts of blobs.

use super::content;
use crate::support::images::{digest, image_files};
use crate::support::programs::serve::Serve;

#[test]
fn the_version_check_answers_200() {
    let registry = Serve::start();
    for target in ["/v2/", "/v2"] {
        registry.ask("GET", target).expect(200);
        registry.ask("HEAD", target).expect(200);
    }
}

#[test]
fn a_manifest_is_pulled_by_tag_and_by_digest_byte_for_byte() {
    let registry = Serve::start();
    // White space counts.
    let body = serde_json::to_vec_pretty(&registry.image("team/train", "a")).unwrap();
    let digest = digest::of(&body);
    registry.push_manifest("team/train", "v1", image_files::MANIFEST, &body).expect(201);
    for reference in ["v1", &digest, &digest.replace(':', "%3A")] {
        let target = format!("/v2/team/train/manifests/{reference}");
        let answer = registry.send("GET", &target, &[("accept", image_files::MANIFEST)], b"").expect(200);
        assert_eq!(answer.body, body);
        for answer in [answer, registry.ask("HEAD", &target).expect(200)] {
            assert_eq!(answer.header("content-type"), image_files::MANIFEST);
            assert_eq!(answer.header("docker-content-digest"), digest);
            assert_eq!(answer.header("content-length"), body.len().to_string());
        }
    }
}

#[test]
fn a_blob_is_pulled_whole_and_its_length_is_told_before() {
    let registry = Serve::start();
    let blob = content(1, 70_000);
    let digest = registry.push_blob("team/train", &blob);
    let target = format!("/v2/team/train/blobs/{digest}");
    let answer = registry.ask("GET", &target).expect(200);
    assert_eq!(answer.body, blob);
    for answer in [answer, registry.ask("HEAD", &target).expect(200)] {
        assert_eq!(answer.header("docker-content-digest"), digest);
        assert_eq!(answer.header("content-length"), "70000");
    }
}

#[test]
fn what_is_not_there_is_404_with_its_code() {
    let registry = Serve::start();
    registry.tag("team/train", "v1", &registry.image("team/train", "a"));
    let nothing = digest::of(b"nothing");
    let sha512 = format!("sha512:{}", "0".repeat(128));
    for reference in ["v2", ".INVALID_MANIFEST_NAME", "sha256:baddigeststring", &nothing, &sha512] {
        for repository in ["team/train", "team/other"] {
            let target = format!("/v2/{repository}/manifests/{reference}");
            registry.ask("GET", &target).refused(404, "MANIFEST_UNKNOWN");
            registry.ask("HEAD", &target).expect(404);
        }
    }
    for digest in [&nothing, &sha512] {
        let target = format!("/v2/team/train/blobs/{digest}");
        registry.ask("GET", &target).refused(404, "BLOB_UNKNOWN");
        registry.ask("HEAD", &target).expect(404);
    }
    let upper = nothing.to_uppercase().replace("SHA", "sha");
    registry.ask("GET", &format!("/v2/team/train/blobs/{upper}")).refused(400, "DIGEST_INVALID");
    registry.ask("GET", "/v2/Team/train/manifests/v1").refused(400, "NAME_INVALID");
}

#[test]
fn a_range_of_a_blob_is_pulled() {
    let registry = Serve::start();
    let blob = content(2, 2048);
    let target = format!("/v2/team/train/blobs/{}", registry.push_blob("team/train", &blob));
    for (range, first, last) in
        [("500-1499", 500, 1499), ("500-", 500, 2047), ("-500", 1548, 2047), ("2000-5000", 2000, 2047)]
    {
        let answer = registry.send("GET", &target, &[("range", &format!("bytes={range}"))], b"").expect(206);
        assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/2048"), "{range}");
        assert_eq!(answer.body, blob[first..=last], "{range}");
    }
    for range in ["5000-10000", "2048-", "500-0"] {
        registry.send("GET", &target, &[("range", &format!("bytes={range}"))], b"").expect(416);
    }
}
