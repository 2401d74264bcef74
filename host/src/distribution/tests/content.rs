//! Blobs and manifests: asked for, mounted, stored.

use bytes::Bytes;
use futures_util::stream;

use super::fake::{Fake, alice, answer, bearer, digest, pieces, token, uploads};
use crate::credential::Credential;
use crate::distribution::Mount;
use crate::distribution::blob::BlobHead;
use crate::distribution::manifest::ManifestHead;
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, Tag, media_type};

#[tokio::test]
async fn bytes_that_are_not_what_their_digest_says_are_a_failed_verification() {
    let body = "{\"errors\":[{\"code\":\"DIGEST_INVALID\",\"message\":\"provided digest did not match\"}]}";
    let fake = uploads("/up", move |_| answer(400, &[], body)).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let error = upload.put(&digest(), 6, pieces(&["abcdef"])).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Verification, "{error}");

    let other = Digest::of(b"other").to_string();
    let fake = uploads("/up", move |_| answer(201, &[("docker-content-digest", &other)], "")).await;
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
    let fake = uploads("/up", |seen| match seen.line.as_str() {
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
    assert_eq!(client.has_blob(&digest()).await.unwrap(), Some(BlobHead { size: Some(7), digest: None }));
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
    let fake = uploads("/up", |seen| answer(if seen.is("PUT") { 201 } else { 404 }, &[], "")).await;
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

#[tokio::test]
async fn a_blob_is_confirmed_by_its_presence_its_size_and_its_digest() {
    let other = Digest::of(b"other").to_string();
    for (status, header, is_confirmed) in [
        (200, None, true),
        (200, Some(("content-length", "6")), true),
        (200, Some(("content-length", "5")), false),
        (200, Some(("docker-content-digest", other.as_str())), false),
        (200, Some(("docker-content-digest", "nonsense")), true),
        (202, None, false),
        (204, None, false),
        (404, None, false),
    ] {
        let headers: Vec<_> = header.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let fake = uploads("/up", move |_| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            answer(status, &headers, "")
        })
        .await;
        let confirmed = fake.open(Credential::Anonymous).confirm_blob(&digest(), 6).await;
        assert_eq!(confirmed.is_ok(), is_confirmed, "{status} {header:?}");
    }
}

#[tokio::test]
async fn a_status_that_is_not_the_specified_one_is_no_success_without_the_content() {
    for status in [200, 202, 204, 206] {
        let fake = uploads("/up", move |seen| answer(if seen.is("HEAD") { 404 } else { status }, &[], "")).await;
        let client = fake.open(Credential::Anonymous);
        let mut upload = client.start_upload().await.unwrap();
        let refused = [
            upload.put(&digest(), 6, pieces(&["abcdef"])).await,
            upload.commit(&digest()).await,
            client.put_manifest(&Tag::latest(), media_type::OCI_MANIFEST, Bytes::from_static(b"{}")).await,
        ];
        for error in refused.map(Result::unwrap_err) {
            assert!(error.to_string().contains(&format!("{status}")), "{error}");
            assert!(error.to_string().contains("expected 201"), "{error}");
        }
    }
    for (status, is_opened) in [(202, true), (200, true), (201, true), (204, false)] {
        let fake =
            Fake::start(move |seen| answer(if seen.is("GET") { 200 } else { status }, &[("location", "/up")], ""))
                .await;
        assert_eq!(fake.open(Credential::Anonymous).start_upload().await.is_ok(), is_opened, "{status}");
    }
}

#[tokio::test]
async fn an_older_registry_may_answer_a_stored_blob_or_manifest_with_another_status_if_it_has_it_then() {
    for status in [200, 202, 204] {
        let manifest = Digest::of(b"{}");
        let fake = uploads("/up", move |seen| match seen.is("HEAD") {
            true => answer(200, &[("docker-content-digest", manifest.as_str())], ""),
            false => answer(status, &[], ""),
        })
        .await;
        let client = fake.open(Credential::Anonymous);
        client.put_manifest(&Tag::latest(), media_type::OCI_MANIFEST, Bytes::from_static(b"{}")).await.unwrap();
        client.start_upload().await.unwrap().put(&digest(), 6, pieces(&["abcdef"])).await.unwrap();
    }
}
