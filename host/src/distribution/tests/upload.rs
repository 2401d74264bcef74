//! Upload sessions: where they are, and how they end.

use bytes::Bytes;

use super::fake::{Fake, alice, answer, bearer, digest, pieces, token, uploads};
use crate::credential::Credential;
use crate::distribution::{Error, Retry};
use crate::image::{Digest, Tag};

#[tokio::test]
async fn a_blob_of_known_size_is_one_put_to_the_location_with_its_query_kept() {
    let fake = uploads("/up/1?_state=x%2F==", |_| answer(201, &[], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    upload.put(&digest(), 6, pieces(&["abc", "def"])).await.unwrap();
    let put = &fake.seen("PUT")[0];
    assert_eq!(put.line, format!("PUT /up/1?_state=x%2F==&digest=sha256%3A{}", digest().hex()));
    assert_eq!((put.header("content-length"), put.body.as_ref()), ("6", &b"abcdef"[..]));
    assert_eq!(fake.seen("POST")[0].header("content-length"), "0");
}

#[tokio::test]
async fn an_empty_blob_can_be_put() {
    let fake = uploads("/up", |_| answer(201, &[], "")).await;
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
    let fake = uploads(&format!("http://localhost:{}/up?sig=secret", store.port()), |_| answer(500, &[], "")).await;
    let mut upload = fake.open(alice()).start_upload().await.unwrap();
    let error = upload.commit(&digest()).await.unwrap_err();
    assert!(error.to_string().starts_with("server `localhost:"), "{error}");
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
async fn content_follows_no_redirect_that_may_change_its_method() {
    for status in [301, 302, 303] {
        let fake = uploads("/up", move |_| answer(status, &[("location", "/elsewhere")], "")).await;
        let mut upload = fake.open(alice()).start_upload().await.unwrap();
        let error = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(fake.seen("PUT /elsewhere").is_empty() && fake.seen("GET /elsewhere").is_empty());
    }
}

#[tokio::test]
async fn a_blob_of_unknown_size_is_one_patch_and_an_end_at_the_newest_location() {
    for status in [201, 202, 204] {
        let fake = uploads("/up?s=1", move |seen| match seen.is("PATCH") {
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
async fn an_upload_that_the_registry_has_given_up_is_told_from_what_was_never_there() {
    for status in [404, 410] {
        let body = "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\",\"message\":\"no such upload\"}]}";
        let fake = uploads("/up", move |_| answer(status, &[], body)).await;
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
            assert!(matches!(error, Error::UploadLost { .. }) && error.retry() == Retry::Restart, "{error}");
            assert!(error.to_string().ends_with("no such upload"), "{error}");
        }
        // There is nothing to take back.
        client.cancel_uploads().await;
        assert!(fake.seen("DELETE").is_empty());
    }
}

#[tokio::test]
async fn uploads_that_are_left_open_are_taken_back_where_they_are_now() {
    let fake = uploads("/up?s=1", |seen| match seen.line.as_str() {
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

#[tokio::test]
async fn a_request_that_is_redirected_with_its_method_goes_there_with_its_content() {
    let store = Fake::start(|_| answer(201, &[], "")).await;
    let elsewhere = format!("http://localhost:{}/stored", store.port());
    let fake = Fake::start(move |seen| match (seen.line.as_str(), seen.header("authorization")) {
        (_, "") => answer(401, &[("www-authenticate", "Basic realm=x")], ""),
        ("GET /v2/", _) => answer(200, &[], ""),
        ("POST /v2/acme/train/blobs/uploads/", _) => {
            answer(307, &[("location", "/v2/acme/train/blobs/uploads/?redir=1")], "")
        }
        (line, _) if line.starts_with("POST") => answer(202, &[("location", "up")], ""),
        (line, _) if line.starts_with("PUT /v2/acme/train/blobs/uploads/up?redir=1") => answer(201, &[], ""),
        (line, _) if line.starts_with("PUT /v2/acme/train/blobs") => {
            answer(308, &[("location", "/v2/acme/train/blobs/uploads/up?redir=1")], "")
        }
        _ => answer(307, &[("location", &elsewhere)], ""),
    })
    .await;
    let client = fake.open(alice());
    let mut upload = client.start_upload().await.unwrap();
    // A stream is spent by then; its next one goes to the new place.
    let moved = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
    assert!(matches!(moved, Error::Moved { .. }) && moved.retry() == Retry::Elsewhere, "{moved}");
    upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap();
    let put = &fake.seen("PUT /v2/acme/train/blobs/uploads/up?redir=1")[0];
    assert!(put.line.contains("digest=sha256") && put.body == "abcdef", "{}", put.line);

    client.upload_bytes(&digest(), Bytes::from_static(b"abcdef")).await.unwrap();
    client.put_manifest(&Tag::latest(), "x/y", Bytes::from_static(b"{}")).await.unwrap();
    let stored = &store.seen("PUT /stored")[0];
    assert_eq!((stored.body.as_ref(), stored.header("authorization")), (&b"{}"[..], ""));
}

#[tokio::test]
async fn an_upload_that_is_redirected_in_circles_is_given_up() {
    let fake = uploads("/up", |_| answer(308, &[("location", "/up")], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    for _ in 0..5 {
        assert!(matches!(upload.put(&digest(), 6, pieces(&["abcdef"])).await, Err(Error::Moved { .. })));
    }
    let error = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
    assert!(error.to_string().ends_with("it redirects more than 5 times"), "{error}");
}
