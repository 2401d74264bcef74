use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::*;

#[tokio::test]
async fn a_blob_comes_out_as_it_went_in_on_every_way() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;

    let whole = content(3 << 20);
    assert_eq!(registry.pull(&registry.push("a", &whole).await).await, whole);
    let empty = registry.push("a", b"").await;
    assert_eq!(registry.pull(&empty).await, b"");

    let at_once = content(5);
    let digest = Digest::of(&at_once);
    // Clients may encode the colon.
    let path = format!("/v2/a/b/blobs/uploads/?digest=sha256%3A{}", digest.hex());
    let answer = registry.send("POST", &path, &[], at_once.clone(), 201).await;
    assert_eq!(header(&answer, "location"), format!("/v2/a/b/blobs/{digest}"));
    assert_eq!(registry.pull(&digest).await, at_once);

    let streamed = content(2 << 20);
    let digest = Digest::of(&streamed);
    let upload = registry.begin("a").await;
    let pieces: Vec<_> = streamed.chunks(1000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    registry.send("PATCH", &upload, &[], body, 202).await;
    registry.send("PUT", &format!("{upload}?digest={digest}"), &[], "", 201).await;
    assert_eq!(registry.pull(&digest).await, streamed);
    assert_eq!(files(&data.path().join("uploads")), 0);
}

#[tokio::test]
async fn chunks_are_taken_in_order_only() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let blob = content(10);
    let upload = registry.begin("a").await;

    let first = registry.send("PATCH", &upload, &[("content-range", "0-3")], blob[..4].to_vec(), 202).await;
    assert_eq!(header(&first, "range"), "0-3");
    for (wrong, status) in [("0-5", 416), ("5-10", 416), ("4-20", 400), ("first", 400)] {
        registry.send("PATCH", &upload, &[("content-range", wrong)], blob[4..].to_vec(), status).await;
    }
    let behind = registry.send("PATCH", &upload, &[("content-range", "0-5")], blob[4..].to_vec(), 416).await;
    assert_eq!((header(&behind, "range"), header(&behind, "location")), ("0-3".to_owned(), upload.clone()));

    let end = format!("{upload}?digest={}", Digest::of(&blob));
    registry.send("PUT", &end, &[("content-range", "bytes 4-9/10")], blob[4..].to_vec(), 201).await;
    assert_eq!(registry.pull(&Digest::of(&blob)).await, blob);
    assert_eq!(code(registry.send("GET", &upload, &[], "", 404).await).await, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn a_dropped_connection_keeps_what_arrived() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let blob = content(3 << 20);
    let upload = registry.begin("a").await;
    let (sent, rest) = blob.split_at(2_000_000);

    let mut connection = TcpStream::connect(registry.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "PATCH {upload} HTTP/1.1\r\nhost: localhost:{}\r\ncontent-length: {}\r\n\r\n",
        registry.port(),
        blob.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(sent).await.unwrap();
    connection.shutdown().await.unwrap();
    drop(connection);

    let arrived = || async { header(&registry.send("GET", &upload, &[], "", 204).await, "range") };
    for _ in 0..100 {
        if arrived().await == "0-1999999" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(arrived().await, "0-1999999");
    registry.send("PATCH", &upload, &[], rest.to_vec(), 202).await;
    registry.send("PUT", &format!("{upload}?digest={}", Digest::of(&blob)), &[], "", 201).await;
    assert_eq!(registry.pull(&Digest::of(&blob)).await, blob);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let blob = content(3 << 20);
    let upload = registry.begin("a").await;
    registry.send("PATCH", &upload, &[], blob[..2_000_000].to_vec(), 202).await;
    registry.stop().await;

    let registry = Running::start(data.path()).await;
    registry.send("PATCH", &upload, &[("content-range", "2000000-3145727")], blob[2_000_000..].to_vec(), 202).await;
    registry.send("PUT", &format!("{upload}?digest={}", Digest::of(&blob)), &[], "", 201).await;
    assert_eq!(registry.pull(&Digest::of(&blob)).await, blob);
}

#[tokio::test]
async fn content_that_is_not_what_its_digest_says_becomes_no_blob() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let claimed = Digest::of(b"this");
    let upload = registry.begin("a").await;
    let answer = registry.send("PUT", &format!("{upload}?digest={claimed}"), &[], "that", 400).await;
    assert_eq!(code(answer).await, "DIGEST_INVALID");
    registry.send("POST", &format!("/v2/a/blobs/uploads/?digest={claimed}"), &[], "that", 400).await;
    registry.send("HEAD", &format!("/v2/a/blobs/{claimed}"), &[], "", 404).await;
    assert_eq!(files(&data.path().join("uploads")), 0);
}

#[tokio::test]
async fn a_blob_that_is_there_is_mounted_and_one_that_is_not_is_uploaded() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let digest = registry.push("a", b"content").await;
    let mounted = registry.send("POST", &format!("/v2/b/blobs/uploads/?mount={digest}&from=a"), &[], "", 201).await;
    assert_eq!(header(&mounted, "docker-content-digest"), digest.as_str());
    let other = Digest::of(b"other");
    registry.send("POST", &format!("/v2/b/blobs/uploads/?mount={other}&from=a"), &[], "", 202).await;
}

#[tokio::test]
async fn uploads_of_one_blob_at_the_same_time_do_not_disturb_each_other() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let blob = content(2 << 20);
    let pushes = (0..8).map(|_| registry.push("a", &blob));
    let digests = futures_util::future::join_all(pushes).await;
    assert_eq!(registry.pull(&digests[0]).await, blob);
}

#[tokio::test]
async fn an_upload_can_be_given_up_and_a_blob_deleted() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let upload = registry.begin("a").await;
    registry.send("DELETE", &upload, &[], "", 204).await;
    registry.send("DELETE", &upload, &[], "", 404).await;
    registry.send("PATCH", &upload, &[], "late", 404).await;
    let blob = format!("/v2/a/blobs/{}", registry.push("a", b"content").await);
    registry.send("DELETE", &blob, &[], "", 202).await;
    registry.send("DELETE", &blob, &[], "", 404).await;
    assert_eq!(code(registry.send("GET", &blob, &[], "", 404).await).await, "BLOB_UNKNOWN");
}
