//! Reads: blobs by range, lists in pages, manifests that are verified, deletions.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::fake::{BLOB, Fake, alice, answer, digest};
use crate::credential::Credential;
use crate::distribution::Error;
use crate::image::{Descriptor, Digest, Tag};

async fn open_registry(rest: impl Fn(&super::fake::Seen) -> axum::response::Response + Send + Sync + 'static) -> Fake {
    Fake::start(move |seen| if seen.line == "GET /v2/" { answer(200, &[], "") } else { rest(seen) }).await
}

#[tokio::test]
async fn a_blob_comes_from_the_byte_that_was_asked_for_or_from_its_first() {
    for (honours, from) in [(true, 2), (false, 0)] {
        let fake = open_registry(move |seen| {
            assert_eq!(seen.header("range"), "bytes=2-");
            match honours {
                true => answer(206, &[("content-range", "bytes 2-5/6")], "cdef"),
                false => answer(200, &[], BLOB),
            }
        })
        .await;
        let mut body = fake.open(Credential::Anonymous).read_blob(&digest(), 2, None).await.unwrap();
        assert_eq!(body.from, from);
        let mut bytes = Vec::new();
        while let Some(block) = body.next().await {
            bytes.extend_from_slice(&block.unwrap());
        }
        assert_eq!(bytes, BLOB.as_bytes()[usize::try_from(from).unwrap()..]);
    }
}

#[tokio::test]
async fn another_range_than_the_one_that_was_asked_for_is_refused() {
    let fake = open_registry(|_| answer(206, &[("content-range", "bytes 1-5/6")], "bcdef")).await;
    let read = fake.open(Credential::Anonymous).read_blob(&digest(), 2, Some(4)).await;
    assert!(matches!(read.err().unwrap(), Error::Protocol { .. }));
    assert_eq!(fake.seen("GET /v2/acme/train/blobs/")[0].header("range"), "bytes=2-3");
}

#[tokio::test]
async fn small_blobs_and_manifests_are_what_their_digest_says() {
    let fake = open_registry(|_| answer(200, &[("content-type", "a/b")], "other")).await;
    let client = fake.open(Credential::Anonymous);
    let blob = client.small_blob(&Descriptor::new("a/b", digest(), 6)).await;
    assert!(matches!(blob.unwrap_err(), Error::OtherContent { .. }));
    assert!(matches!(client.manifest(&digest()).await.unwrap_err(), Error::OtherContent { .. }));
    let found = client.manifest(&Tag::latest()).await.unwrap().unwrap();
    assert_eq!((found.digest, found.bytes.as_ref()), (Digest::of(b"other"), &b"other"[..]));
}

#[tokio::test]
async fn tags_come_in_pages_until_there_is_no_next_one() {
    let fake = open_registry(|seen| match seen.line.as_str() {
        "GET /v2/acme/train/tags/list?n=1000" => {
            answer(200, &[("link", "</v2/acme/train/tags/list?last=b>; rel=\"next\"")], r#"{"tags":["a","b"]}"#)
        }
        "GET /v2/acme/train/tags/list?last=b" => answer(200, &[], r#"{"tags":["c"]}"#),
        line => panic!("{line}"),
    })
    .await;
    let client = fake.open(alice());
    let (pages, mut tags) = (client.tags(), Vec::new());
    while let Some(page) = pages.next().await.unwrap() {
        tags.extend(page.into_iter().map(|tag| tag.to_string()));
    }
    assert_eq!(tags, ["a", "b", "c"]);
}

#[tokio::test]
async fn pages_that_lead_in_a_circle_or_elsewhere_are_an_error() {
    let turns = AtomicUsize::new(0);
    let fake = open_registry(move |_| {
        let turn = turns.fetch_add(1, Relaxed) % 2;
        answer(200, &[("link", &format!("</v2/acme/train/tags/list?last={turn}>; rel=next"))], r#"{"tags":["a"]}"#)
    })
    .await;
    let client = fake.open(Credential::Anonymous);
    let pages = client.tags();
    let error = loop {
        if let Err(error) = pages.next().await {
            break error;
        }
    };
    assert!(error.to_string().contains("no end"), "{error}");
    let fake = open_registry(|_| answer(200, &[("link", "<https://203.0.113.9/x>; rel=next")], "{}")).await;
    let client = fake.open(alice());
    assert!(client.tags().next().await.is_err());
}

#[tokio::test]
async fn a_registry_that_deletes_nothing_says_so() {
    let fake = open_registry(|_| answer(405, &[], r#"{"errors":[{"code":"UNSUPPORTED"}]}"#)).await;
    let client = fake.open(Credential::Anonymous);
    assert!(client.delete_manifest(&digest()).await.unwrap_err().is_unsupported());
    assert_eq!(fake.seen("DELETE /v2/acme/train/manifests/sha256:").len(), 1);
}
