//! The caller's stream on its way: its errors, its length, its pace.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::fake::{answer, digest, open_impatiently, pieces, uploads};
use crate::credential::Credential;
use crate::distribution::{Error, Retry};
use crate::error::Explain as _;

#[derive(Debug, thiserror::Error)]
#[error("layer is broken")]
struct Broken;

#[tokio::test]
async fn the_callers_own_error_comes_back_unchanged() {
    let fake = uploads("/up", |_| answer(201, &[], "")).await;
    let client = fake.open(Credential::Anonymous);
    let broken = || stream::iter([Ok(Bytes::from_static(b"abc")), Err(io::Error::other(Broken))]);
    for result in [
        client.start_upload().await.unwrap().put(&digest(), 6, broken()).await,
        client.start_upload().await.unwrap().patch(broken()).await,
    ] {
        let Err(Error::Body(error)) = result else { panic!("{result:?}") };
        assert!(error.0.downcast::<Broken>().is_ok());
    }
}

#[tokio::test]
async fn content_of_another_size_than_announced_is_an_error() {
    let fake = uploads("/up", |_| answer(201, &[], "")).await;
    let client = fake.open(Credential::Anonymous);
    for size in [5, 7] {
        let result = client.start_upload().await.unwrap().put(&digest(), size, pieces(&["abc", "def"])).await;
        assert!(matches!(result, Err(Error::Length { .. })), "{size}: {result:?}");
    }
}

#[tokio::test]
async fn a_refusal_before_the_last_byte_is_heard() {
    let fake = uploads("/unread", |_| answer(413, &[], "<html><title>413 Too Large</title>")).await;
    let mut upload = fake.open(Credential::Anonymous).start_upload().await.unwrap();
    let large = stream::iter((0..400).map(|_| Ok(Bytes::from(vec![7; 64 * 1024]))));
    let error = upload.put(&digest(), 400 * 64 * 1024, large).await.unwrap_err();
    assert_eq!(error.status(), Some(413), "{error}");
    assert!(error.hint().unwrap().contains("limits the size of requests"));
}

#[tokio::test]
async fn a_silent_registry_is_given_up() {
    let fake = uploads("/never-answers", |_| answer(201, &[], "")).await;
    let client = open_impatiently(&fake.host, Credential::Anonymous);
    let mut upload = client.start_upload().await.unwrap();
    let error = upload.received().await.unwrap_err();
    assert!(matches!(error, Error::Silent { .. }), "{error}");
    assert_eq!(error.retry(), Retry::Later(None));
}

#[tokio::test]
async fn a_caller_may_be_slower_than_a_registry_may() {
    let fake = uploads("/up", |_| answer(201, &[], "")).await;
    let mut upload = open_impatiently(&fake.host, Credential::Anonymous).start_upload().await.unwrap();
    let slow = pieces(&["abc", "def"]).then(|piece| async {
        // Longer than the client waits for a registry.
        tokio::time::sleep(Duration::from_millis(1200)).await;
        piece
    });
    upload.put(&digest(), 6, slow).await.unwrap();
}
