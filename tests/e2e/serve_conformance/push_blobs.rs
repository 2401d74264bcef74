//! "Pushing blobs": in one request, in two, in chunks, from another repository; the end and the state of an upload.

use super::{content, leads_to};
use crate::support::images::digest;
use crate::support::programs::serve::{Serve, with_query};

const STREAM: (&str, &str) = ("content-type", "application/octet-stream");

#[test]
fn a_blob_is_pushed_with_post_and_put() {
    let registry = Serve::start();
    for blob in [content(1, 512), b"{}".to_vec(), Vec::new()] {
        let digest = digest::of(&blob);
        let end = with_query(&registry.begin("team/train"), &format!("digest={digest}"));
        let answer = registry.send("PUT", &end, &[STREAM], &blob).expect(201);
        assert_eq!(answer.header("docker-content-digest"), digest);
        leads_to(&registry, answer.header("location"), &blob);
    }
}

#[test]
fn a_blob_is_pushed_with_one_post() {
    let registry = Serve::start();
    for blob in [content(1, 512), Vec::new()] {
        let target = format!("/v2/team/train/blobs/uploads/?digest={}", digest::of(&blob));
        let answer = registry.send("POST", &target, &[STREAM], &blob).expect(201);
        leads_to(&registry, answer.header("location"), &blob);
    }
}

#[test]
fn a_blob_is_streamed_with_one_patch() {
    let registry = Serve::start();
    let blob = content(1, 5000);
    let answer = registry.send("PATCH", &registry.begin("team/train"), &[STREAM], &blob).expect(202);
    assert_eq!(answer.header("range"), "0-4999");
    let end = with_query(answer.header("location"), &format!("digest={}", digest::of(&blob)));
    let answer = registry.send("PUT", &end, &[STREAM], b"").expect(201);
    leads_to(&registry, answer.header("location"), &blob);
}

#[test]
fn a_blob_is_pushed_in_chunks_of_which_the_last_is_in_patch_or_put() {
    let registry = Serve::start();
    let blob = content(1, 3000);
    for last_in_put in [false, true] {
        let mut location = registry.begin("team/train");
        let chunks: Vec<_> = blob.chunks(1000).enumerate().collect();
        let in_patch = if last_in_put { &chunks[..2] } else { &chunks[..] };
        for (index, chunk) in in_patch {
            let (first, last) = (index * 1000, index * 1000 + 999);
            let range = format!("{first}-{last}");
            let answer = registry.send("PATCH", &location, &[STREAM, ("content-range", &range)], chunk).expect(202);
            assert_eq!(answer.header("range"), format!("0-{last}"));
            location = answer.header("location").to_owned();
            let state = registry.ask("GET", &location).expect(204);
            assert_eq!(state.header("range"), format!("0-{last}"));
            assert!(state.find("location").is_some());
        }
        let end = with_query(&location, &format!("digest={}", digest::of(&blob)));
        let answer = if last_in_put {
            registry.send("PUT", &end, &[STREAM, ("content-range", "2000-2999")], chunks[2].1)
        } else {
            registry.send("PUT", &end, &[STREAM], b"")
        };
        leads_to(&registry, answer.expect(201).header("location"), &blob);
        registry.ask("DELETE", &format!("/v2/team/train/blobs/{}", digest::of(&blob))).expect(202);
    }
}

#[test]
fn a_chunk_out_of_order_is_416_and_the_upload_goes_on_where_it_was() {
    let registry = Serve::start();
    let blob = content(1, 2000);
    let location = registry.begin("team/train");
    let chunk = |range: &'static str| [STREAM, ("content-range", range)];
    registry.send("PATCH", &location, &chunk("1000-1999"), &blob[1000..]).expect(416);
    registry.send("PATCH", &location, &chunk("0-999"), &blob[..1000]).expect(202);
    // Once more, and one beyond the end.
    registry.send("PATCH", &location, &chunk("0-999"), &blob[..1000]).expect(416);
    registry.send("PATCH", &location, &chunk("1500-1999"), &blob[1500..]).expect(416);
    let end = with_query(&location, &format!("digest={}", digest::of(&blob)));
    let behind = registry.send("PUT", &end, &chunk("1500-1999"), &blob[1500..]).expect(416);
    assert_eq!(behind.header("range"), "0-999");
    let state = registry.ask("GET", &location).expect(204);
    assert_eq!(state.header("range"), "0-999");
    registry.send("PATCH", state.header("location"), &chunk("1000-1999"), &blob[1000..]).expect(202);
    let answer = registry.send("PUT", &end, &[STREAM], b"").expect(201);
    leads_to(&registry, answer.header("location"), &blob);
}

#[test]
fn a_blob_of_another_repository_is_mounted_with_and_without_its_name() {
    let registry = Serve::start();
    let blob = content(1, 512);
    let digest = registry.push_blob("team/train", &blob);
    for (repository, from) in [("team/one", "&from=team/train"), ("team/two", ""), ("team/three", "&from=team/other")] {
        let target = format!("/v2/{repository}/blobs/uploads/?mount={digest}{from}");
        let answer = registry.ask("POST", &target).expect(201);
        assert_eq!(answer.header("docker-content-digest"), digest);
        assert_eq!(answer.header("location"), format!("/v2/{repository}/blobs/{digest}"));
        leads_to(&registry, answer.header("location"), &blob);
    }
}

#[test]
fn a_mount_of_a_blob_that_is_nowhere_begins_an_upload() {
    let registry = Serve::start();
    let blob = content(1, 512);
    let digest = digest::of(&blob);
    for from in ["&from=team/train", ""] {
        let answer = registry.ask("POST", &format!("/v2/team/one/blobs/uploads/?mount={digest}{from}")).expect(202);
        assert!(answer.header("location").starts_with("/v2/team/one/blobs/uploads/"));
        registry.ask("DELETE", answer.header("location")).expect(204);
    }
}

#[test]
fn content_of_another_digest_is_refused_on_every_way() {
    let registry = Serve::start();
    let (blob, wrong) = (content(1, 2000), digest::of(b"other"));
    let target = format!("/v2/team/train/blobs/uploads/?digest={wrong}");
    registry.send("POST", &target, &[STREAM], &blob).refused(400, "DIGEST_INVALID");
    let end = |location: &str| with_query(location, &format!("digest={wrong}"));
    registry.send("PUT", &end(&registry.begin("team/train")), &[STREAM], &blob).refused(400, "DIGEST_INVALID");
    let location = registry.begin("team/train");
    registry.send("PATCH", &location, &[STREAM, ("content-range", "0-1999")], &blob).expect(202);
    registry.send("PUT", &end(&location), &[STREAM], b"").refused(400, "DIGEST_INVALID");
    registry.ask("GET", &format!("/v2/team/train/blobs/{wrong}")).refused(404, "BLOB_UNKNOWN");
}

#[test]
fn digests_that_are_malformed_or_of_another_algorithm_are_refused() {
    let registry = Serve::start();
    let upper = digest::of(b"x").to_uppercase().replace("SHA", "sha");
    let sha512 = format!("sha512:{}", "0".repeat(128));
    for bad in [&upper, &sha512, "sha256:short", "x", "", "sha512:short"] {
        let refused = |answer: crate::support::programs::serve::Answer| answer.refused(400, "DIGEST_INVALID").text();
        let target = "/v2/team/train/blobs/uploads/";
        let message = refused(registry.send("POST", &format!("{target}?digest={bad}"), &[STREAM], b"x"));
        assert_eq!(message.contains("`sha512`"), *bad == sha512, "{message}");
        refused(registry.send("PUT", &with_query(&registry.begin("team/train"), &format!("digest={bad}")), &[], b"x"));
        refused(registry.ask("POST", &format!("{target}?mount={bad}&from=a")));
    }
    registry.ask("POST", "/v2/team/train/blobs/uploads/?digest-algorithm=sha512").refused(400, "DIGEST_INVALID");
    registry.ask("POST", "/v2/team/train/blobs/uploads/?digest-algorithm=sha256").expect(202);
    registry.ask("PUT", &registry.begin("team/train")).refused(400, "DIGEST_INVALID");
}

#[test]
fn an_upload_is_cancelled() {
    let registry = Serve::start();
    let location = registry.begin("team/train");
    registry.ask("DELETE", &location).expect(204);
    registry.ask("GET", &location).refused(404, "BLOB_UPLOAD_UNKNOWN");
    registry.ask("DELETE", &location).refused(404, "BLOB_UPLOAD_UNKNOWN");
}
