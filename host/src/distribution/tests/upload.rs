//! Blobs and manifests on their way.

use std::io;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::fake::{Fake, Seen, alice, answer, bearer, pieces, token};
use crate::credential::Credential;
use crate::distribution::blob::BlobHead;
use crate::distribution::manifest::ManifestHead;
use crate::distribution::{Error, Mount};
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, Tag, media_type};

/// A registry that opens each upload at `location` and answers what follows with `rest`.
async fn registry(location: &str, rest: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    let location = location.to_owned();
    Fake::start(move |seen| match seen.line.as_str() {
        "GET /v2/" => answer(200, &[], ""),
        line if line.starts_with("POST") => {
            answer(202, &[("location", &location), ("oci-chunk-min-length", "1048576")], "")
        }
        _ => rest(seen),
    })
    .await
}

fn digest() -> Digest {
    Digest::of(b"abcdef")
}

#[tokio::test]
async fn a_blob_of_known_size_is_one_put_to_the_location_with_its_query_kept() {
    let fake = registry("/up/1?_state=x%2F==", |_| answer(201, &[], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    assert_eq!(upload.min_chunk(), Some(1_048_576));
    upload.put(&digest(), 6, pieces(&["abc", "def"])).await.unwrap();
    let put = &fake.seen("PUT")[0];
    assert_eq!(put.line, format!("PUT /up/1?_state=x%2F==&digest=sha256%3A{}", digest().hex()));
    assert_eq!((put.header("content-length"), put.body.as_ref()), ("6", &b"abcdef"[..]));
    assert_eq!(fake.seen("POST")[0].header("content-length"), "0");
}

#[tokio::test]
async fn an_empty_blob_can_be_put() {
    let fake = registry("/up", |_| answer(201, &[], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    upload.put(&Digest::of(b""), 0, pieces(&[])).await.unwrap();
    assert_eq!(fake.seen("PUT")[0].header("content-length"), "0");
}

#[tokio::test]
async fn a_location_on_another_host_gets_the_blob_but_not_the_credentials() {
    let store = Fake::start(|seen| {
        assert_eq!(seen.header("authorization"), "");
        answer(201, &[], "")
    })
    .await;
    let location = format!("http://localhost:{}/up?X-Signature=secret", store.port());
    let fake = Fake::start(move |seen| match seen.line.as_str() {
        "GET /v2/" => bearer(seen),
        line if line.starts_with("GET /token") => token("t"),
        _ => answer(202, &[("location", &location)], ""),
    })
    .await;
    let client = fake.open(alice());
    client.start_upload().await.unwrap().put(&digest(), 6, pieces(&["abcdef"])).await.unwrap();
    let mut upload = client.start_upload().await.unwrap();
    upload.patch(pieces(&["abcdef"])).await.unwrap();
    upload.commit(&digest()).await.unwrap();
    assert_eq!(store.seen("").len(), 3);
    assert!(store.seen("").iter().all(|seen| seen.header("authorization").is_empty()));
}

#[tokio::test]
async fn another_hosts_challenge_is_never_answered() {
    let store = Fake::start(|seen| {
        let challenge = format!("Basic realm=x, Bearer realm=\"http://{}/token\"", seen.me);
        answer(401, &[("www-authenticate", &challenge)], "who are you, for https://x/?sig=1")
    })
    .await;
    let fake = registry(&format!("http://localhost:{}/up?sig=secret", store.port()), |_| answer(500, &[], "")).await;
    let upload = fake.open(alice()).start_upload().await.unwrap();
    let error = upload.commit(&digest()).await.unwrap_err();
    assert!(error.to_string().starts_with("server `localhost` of registry `127.0.0.1:"), "{error}");
    assert!(!error.to_string().contains("secret"));
    assert_eq!(store.seen("").len(), 1);
}

#[tokio::test]
async fn an_upload_without_a_location_makes_no_sense() {
    let fake = Fake::start(|seen| answer(if seen.is("GET") { 200 } else { 202 }, &[], "")).await;
    let error = fake.open(Credential::Anonymous).start_upload().await.err().unwrap();
    assert!(error.to_string().ends_with("makes no sense: it names no location for the upload"), "{error}");
}

#[tokio::test]
async fn content_is_not_redirected() {
    let other = Fake::start(|_| answer(201, &[], "")).await;
    let elsewhere = format!("http://localhost:{}/", other.port());
    let fake = registry("/up", move |_| answer(307, &[("location", &elsewhere)], "")).await;
    let mut upload = fake.open(alice()).start_upload().await.unwrap();
    let error = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 307);
    assert!(other.seen("").is_empty());
}

#[tokio::test]
async fn a_blob_of_unknown_size_is_one_patch_and_an_end_at_the_newest_location() {
    for status in [200, 201, 202, 204] {
        let fake = registry("/up?s=1", move |seen| match seen.is("PATCH") {
            true => answer(status, &[("location", "/up?s=2"), ("range", "0-5")], ""),
            false => answer(201, &[], ""),
        })
        .await;
        let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
        upload.patch(pieces(&["abc", "def"])).await.unwrap();
        upload.commit(&digest()).await.unwrap();
        let patch = &fake.seen("PATCH /up?s=1")[0];
        assert_eq!((patch.header("content-range"), patch.header("content-length")), ("", ""));
        assert_eq!(patch.body.as_ref(), b"abcdef");
        assert!(fake.seen("PUT")[0].is("PUT /up?s=2&digest="));
    }
}

#[tokio::test]
async fn chunks_continue_where_the_registry_says_and_not_where_they_ended() {
    let fake = registry("/up", |seen| match seen.header("content-range") {
        "0-2" => answer(202, &[("range", "0-2")], ""),
        "3-5" => answer(201, &[("range", "0-2")], ""), // dropped, with a smile
        _ => answer(204, &[], ""),
    })
    .await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let chunk = |text: &'static str| Bytes::from_static(text.as_bytes());
    assert_eq!(upload.patch_chunk(chunk("abc")).await.unwrap(), 3);
    assert_eq!(upload.patch_chunk(chunk("def")).await.unwrap(), 3);
    assert_eq!(upload.patch_chunk(chunk("d")).await.unwrap(), 4);
    assert_eq!(fake.seen("PATCH")[2].header("content-range"), "3-3");
}

#[tokio::test]
async fn what_the_registry_has_can_be_asked_for() {
    let fake = registry("/up", |seen| match seen.is("GET") {
        true => answer(204, &[("range", "0-2999999"), ("location", "/up2")], ""),
        false => answer(202, &[], ""),
    })
    .await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    assert_eq!(upload.received().await.unwrap(), 3_000_000);
    upload.patch_chunk(Bytes::from_static(b"x")).await.unwrap();
    assert_eq!(fake.seen("PATCH /up2")[0].header("content-range"), "3000000-3000000");
    upload.cancel().await;
    assert_eq!(fake.seen("DELETE /up2").len(), 1);
}

#[tokio::test]
async fn only_a_plain_no_content_confirms_bytes() {
    for (status, range, confirmed) in
        [(204, "0-9", 10), (200, "0-9", 0), (202, "0-9", 0), (204, "0-99999999999999999999", 0), (204, "3-9", 0)]
    {
        let fake = registry("/up", move |_| answer(status, &[("range", range)], "")).await;
        let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
        assert_eq!(upload.received().await.unwrap(), confirmed, "{status}, {range}");
    }
}

#[tokio::test]
async fn an_upload_that_the_registry_has_given_up_is_told_from_what_was_never_there() {
    for status in [404, 410] {
        let body = "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\",\"message\":\"no such upload\"}]}";
        let fake = registry("/up", move |_| answer(status, &[], body)).await;
        let client = fake.open(Credential::Anonymous);
        let mut upload = client.start_upload().await.unwrap();
        for result in [
            upload.received().await.map(drop),
            upload.patch(pieces(&["abc"])).await,
            upload.patch_chunk(Bytes::from_static(b"abc")).await.map(drop),
            upload.put(&digest(), 6, pieces(&["abcdef"])).await,
            upload.commit(&digest()).await,
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::UploadLost { .. }) && error.is_temporary(), "{error}");
            assert!(error.to_string().ends_with("no such upload"), "{error}");
        }
        // There is nothing to take back.
        client.cancel_uploads().await;
        assert!(fake.seen("DELETE").is_empty());
    }
}

#[tokio::test]
async fn uploads_that_are_left_open_are_taken_back_where_they_are_now() {
    let fake = registry("/up?s=1", |seen| match seen.line.as_str() {
        line if line.starts_with("PATCH") => answer(202, &[("location", "/up?s=2")], ""),
        _ => answer(201, &[], ""),
    })
    .await;
    let client = fake.open(Credential::Anonymous);
    drop(client.start_upload().await.unwrap());
    let mut moved = client.start_upload().await.unwrap();
    moved.patch(pieces(&["abc"])).await.unwrap();
    drop(moved);
    let mut closed = client.start_upload().await.unwrap();
    closed.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap();
    client.start_upload().await.unwrap().cancel().await;
    assert_eq!(fake.seen("DELETE").len(), 1);
    client.cancel_uploads().await;
    client.cancel_uploads().await;
    let mut places: Vec<_> = fake.seen("DELETE").into_iter().skip(1).map(|seen| seen.line).collect();
    places.sort();
    assert_eq!(places, ["DELETE /up?s=1", "DELETE /up?s=2"]);
}

#[derive(Debug, thiserror::Error)]
#[error("layer is broken")]
struct Broken;

#[tokio::test]
async fn the_callers_own_error_comes_back_unchanged() {
    let fake = registry("/up", |_| answer(201, &[], "")).await;
    let client = fake.open(Credential::Anonymous);
    let broken = || stream::iter([Ok(Bytes::from_static(b"abc")), Err(io::Error::other(Broken))]);
    for result in [
        client.start_upload().await.unwrap().put(&digest(), 6, broken()).await,
        client.start_upload().await.unwrap().patch(broken()).await,
    ] {
        let Err(Error::Body(error)) = result else { panic!("{result:?}") };
        assert!(error.downcast::<Broken>().is_ok());
    }
}

#[tokio::test]
async fn content_of_another_size_than_announced_is_an_error() {
    let fake = registry("/up", |_| answer(201, &[], "")).await;
    let client = fake.open(Credential::Anonymous);
    for size in [5, 7] {
        let result = client.start_upload().await.unwrap().put(&digest(), size, pieces(&["abc", "def"])).await;
        assert!(matches!(result, Err(Error::Length { .. })), "{size}: {result:?}");
    }
}

#[tokio::test]
async fn a_refusal_before_the_last_byte_is_heard() {
    let fake = registry("/unread", |_| answer(413, &[], "<html><title>413 Too Large</title>")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let large = stream::iter((0..400).map(|_| Ok(Bytes::from(vec![7; 64 * 1024]))));
    let error = upload.put(&digest(), 400 * 64 * 1024, large).await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 413, "{error}");
    assert!(error.hint().unwrap().contains("limits the size of requests"));
}

#[tokio::test]
async fn a_silent_registry_is_given_up_but_a_slow_caller_is_not() {
    let fake = registry("/never-answers", |_| answer(201, &[], "")).await;
    let error = fake.open(Credential::Anonymous).has_blob(&digest()).await;
    assert!(error.is_ok_and(|head| head.is_some()));
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let error = upload.received().await.unwrap_err();
    assert!(matches!(error, Error::Silent { .. }) && error.is_temporary(), "{error}");

    let fake = registry("/up", |_| answer(201, &[], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let slow = pieces(&["abc", "def"]).then(|piece| async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        piece
    });
    upload.put(&digest(), 6, slow).await.unwrap();
}

#[tokio::test]
async fn bytes_that_are_not_what_their_digest_says_are_a_failed_verification() {
    let body = "{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"provided digest did not match\"}]}";
    let fake = registry("/up", move |_| answer(400, &[], body)).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let error = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Verification, "{error}");

    let other = Digest::of(b"other").to_string();
    let fake = registry("/up", move |_| answer(201, &[("docker-content-digest", &other)], "")).await;
    let client = fake.open(Credential::Anonymous);
    let error =
        client.put_manifest(&Tag::latest(), media_type::OCI_MANIFEST, Bytes::from_static(b"{}")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Verification, "{error}");
}

#[tokio::test]
async fn a_blob_is_mounted_or_else_uploaded() {
    for (status, mounted) in [(201, true), (202, false)] {
        let fake = Fake::start(move |seen| match seen.line.as_str() {
            "GET /v2/" => bearer(seen),
            line if line.starts_with("GET /token") => token("t"),
            _ => answer(status, &[("location", "/up")], ""),
        })
        .await;
        let mount = fake.open(alice()).mount_blob(&digest(), &"acme/base".parse().unwrap()).await.unwrap();
        assert_eq!(matches!(mount, Mount::Mounted), mounted);
        let scopes = "scope=repository%3Aacme%2Ftrain%3Apull%2Cpush&scope=repository%3Aacme%2Fbase%3Apull&";
        assert!(fake.seen("GET /token")[0].line.contains(scopes));
        assert!(fake.seen("POST")[0].line.ends_with("&from=acme%2Fbase"));
    }
}

#[tokio::test]
async fn what_a_registry_has_is_asked_with_head() {
    let fake = registry("/up", |seen| match seen.line.as_str() {
        line if line.contains("blobs") => answer(200, &[("content-length", "7")], ""),
        line if line.ends_with("/v3") => {
            let digest = Digest::of(b"{}").to_string();
            let media_type = format!("{}; charset=utf-8", media_type::OCI_INDEX);
            let headers = [("content-length", "2"), ("docker-content-digest", &digest), ("content-type", &media_type)];
            answer(200, &headers, if seen.is("GET") { "{}" } else { "" })
        }
        _ => answer(404, &[], ""),
    })
    .await;
    let client = fake.open(Credential::Anonymous);
    assert_eq!(client.has_blob(&digest()).await.unwrap(), Some(BlobHead { size: Some(7) }));
    let tag: Tag = "v3".parse().unwrap();
    let media_type = media_type::OCI_INDEX.to_owned();
    let head = ManifestHead { digest: Some(Digest::of(b"{}")), size: Some(2), media_type: Some(media_type.clone()) };
    assert_eq!(client.head_manifest(&tag).await.unwrap(), Some(head));
    assert_eq!(fake.seen("HEAD")[1].headers.get_all("accept").iter().count(), 4);
    assert_eq!(client.get_manifest(&tag).await.unwrap(), (media_type, Bytes::from_static(b"{}")));
    assert_eq!(client.head_manifest(&digest()).await.unwrap(), None);
    assert_eq!(client.get_manifest(&digest()).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_push_may_run_in_tasks_of_its_own() {
    let fake = registry("/up", |seen| answer(if seen.is("PUT") { 201 } else { 404 }, &[], "")).await;
    let client = fake.open(Credential::Anonymous);
    let tasks = (0..4_u8).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            let digest = Digest::of(&[n]);
            assert_eq!(client.has_blob(&digest).await.unwrap(), None);
            client.start_upload().await?.put(&digest, 1, stream::iter([Ok(Bytes::from(vec![n]))])).await?;
            client.put_manifest(&digest, media_type::OCI_MANIFEST, Bytes::from(vec![n])).await
        })
    });
    assert!(futures_util::future::join_all(tasks).await.into_iter().all(|task| task.unwrap().is_ok()));
}
