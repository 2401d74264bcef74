//! Uploads in chunks, and the bytes that a registry confirms.

use bytes::Bytes;

use super::fake::{Fake, Seen, answer, pieces, uploads};
use crate::credential::Credential;
use crate::distribution::{Error, Retry};
use crate::error::{Explain as _, Kind};
use crate::image::Digest;

#[tokio::test]
async fn chunks_continue_where_the_registry_says_and_not_where_they_ended() {
    let fake = uploads("/up", |seen| match seen.header("content-range") {
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
    let fake = uploads("/up", |seen| match seen.is("GET") {
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
        let fake = uploads("/up", move |_| answer(status, &[("range", range)], "")).await;
        let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
        assert_eq!(upload.received().await.unwrap(), confirmed, "{status}, {range}");
    }
}

#[tokio::test]
async fn a_stream_goes_in_chunks_of_one_size_of_which_the_last_is_shorter() {
    let fake = uploads("/up", |_| answer(202, &[], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    upload.patch_in_chunks(4, pieces(&["a", "bcdef", "", "ghij", "k"])).await.unwrap();
    let chunks: Vec<_> = fake.seen("PATCH").into_iter().map(|seen| seen.body).collect();
    assert_eq!(chunks, ["abcd", "efgh", "ijk"]);
    let ranges: Vec<_> = fake.seen("PATCH").iter().map(|seen| seen.header("content-range").to_owned()).collect();
    assert_eq!(ranges, ["0-3", "4-7", "8-10"]);
}

#[tokio::test]
async fn no_chunk_but_the_last_is_smaller_than_the_registry_takes() {
    for (min_chunk, sizes) in [
        ("5", &[5, 5, 1][..]),
        ("4", &[4, 4, 3]),
        ("3", &[4, 4, 3]),
        ("0", &[4, 4, 3]),
        ("100", &[11]),
        ("18446744073709551615", &[11]),
        ("+5", &[4, 4, 3]),
        ("many", &[4, 4, 3]),
    ] {
        let fake = Fake::start(move |seen| match seen.line.as_str() {
            "GET /v2/" => answer(200, &[], ""),
            line if line.starts_with("POST") => {
                answer(202, &[("location", "/up"), ("oci-chunk-min-length", min_chunk)], "")
            }
            _ => answer(202, &[], ""),
        })
        .await;
        let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
        upload.patch_in_chunks(4, pieces(&["abcdefghijk"])).await.unwrap();
        let sent: Vec<_> = fake.seen("PATCH").iter().map(|seen| seen.body.len()).collect();
        assert_eq!(sent, sizes, "{min_chunk}");
    }
}

#[tokio::test]
async fn a_chunk_that_the_registry_drops_ends_the_upload() {
    let fake = uploads("/up", |_| answer(202, &[("range", "0-2")], "")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let error = upload.patch_in_chunks(3, pieces(&["abcdef"])).await.unwrap_err();
    assert!(matches!(error, Error::ChunkLost { sent: 6, received: 3 }), "{error}");
    assert_eq!((error.kind(), error.retry()), (Kind::Network, Retry::No));
}

#[tokio::test]
async fn chunks_go_on_where_an_interrupted_upload_was_confirmed() {
    let fake = uploads("/up", |seen| match seen.is("GET") {
        true => answer(204, &[("range", "0-2")], ""),
        false => answer(202, &[], ""),
    })
    .await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    assert_eq!(upload.received().await.unwrap(), 3);
    upload.patch_in_chunks(2, pieces(&["def"])).await.unwrap();
    let ranges: Vec<_> = fake.seen("PATCH").iter().map(|seen| seen.header("content-range").to_owned()).collect();
    assert_eq!(ranges, ["3-4", "5-5"]);
}

#[tokio::test]
async fn a_chunk_that_is_too_large_is_sent_in_halves_down_to_what_the_registry_asks_for() {
    let limited = |seen: &Seen| match (seen.is("PATCH"), seen.body.len() > 40) {
        (true, true) => answer(413, &[], "<html>413 Request Entity Too Large"),
        (true, false) => answer(202, &[], ""),
        _ => answer(201, &[], ""),
    };
    let fake = uploads("/up", limited).await;
    let text = "0123456789".repeat(20);
    let body = || futures_util::stream::iter([Ok(Bytes::from("0123456789".repeat(20)))]);
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    assert_eq!(upload.patch_in_chunks(100, body()).await.unwrap(), 25);
    let taken = fake.seen("PATCH").into_iter().filter(|seen| seen.body.len() <= 40);
    assert_eq!(taken.map(|seen| seen.body).collect::<Vec<_>>().concat(), text.as_bytes());

    let fake = Fake::start(move |seen| match seen.line.as_str() {
        "GET /v2/" => answer(200, &[], ""),
        line if line.starts_with("POST") => answer(202, &[("location", "/up"), ("oci-chunk-min-length", "60")], ""),
        _ => limited(seen),
    })
    .await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    assert!(upload.patch_in_chunks(100, body()).await.unwrap_err().is_too_large());
}

#[tokio::test]
async fn a_small_blob_that_is_too_large_for_one_request_goes_in_chunks() {
    let fake = uploads("/up", |seen| match (seen.is("PUT"), seen.body.len()) {
        (_, 65..) => answer(413, &[], "too large"),
        (true, _) => answer(201, &[], ""),
        (false, _) => answer(202, &[], ""),
    })
    .await;
    let blob = Bytes::from("x".repeat(200));
    fake.open(Credential::Anonymous).upload_bytes(&Digest::of(&blob), blob).await.unwrap();
    assert_eq!(fake.seen("PATCH").iter().filter(|seen| seen.body.len() < 65).count(), 4);
}

#[tokio::test]
async fn a_registry_that_takes_content_by_patch_alone_gets_a_small_blob_by_patch() {
    for (status, body) in [
        (400, ""),
        (400, "bad request"),
        (405, r#"{"errors":[{"code":"UNSUPPORTED","message":"no monolithic upload"}]}"#),
        (411, ""),
        (415, "{}"),
        (501, ""),
    ] {
        let fake = uploads("/up", move |seen| match (seen.is("PUT"), seen.body.len()) {
            (true, 1..) => answer(status, &[], body),
            (true, 0) => answer(201, &[], ""),
            (false, _) => answer(202, &[], ""),
        })
        .await;
        let blob = Bytes::from("x".repeat(200));
        fake.open(Credential::Anonymous).upload_bytes(&Digest::of(&blob), blob).await.unwrap();
        assert_eq!(fake.seen("PATCH").iter().map(|seen| seen.body.len()).sum::<usize>(), 200, "{status} {body}");
    }
}

#[tokio::test]
async fn a_blob_that_is_refused_for_a_reason_is_not_sent_again() {
    for code in ["DIGEST_INVALID", "SIZE_INVALID", "NAME_INVALID"] {
        let fake = uploads("/up", move |_| answer(400, &[], format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#))).await;
        let blob = Bytes::from_static(b"abcdef");
        fake.open(Credential::Anonymous).upload_bytes(&Digest::of(&blob), blob).await.unwrap_err();
        assert_eq!(fake.seen("PUT").len(), 1, "{code}");
        assert!(fake.seen("PATCH").is_empty(), "{code}");
    }
}
