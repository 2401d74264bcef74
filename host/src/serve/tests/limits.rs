//! The data directory is the user's alone, and has a largest size.

use super::*;

/// A registry with room for so many bytes.
async fn with_room(data: &Path, max_size: u64) -> Running {
    Running::start_with(Settings { max_size, ..settings(data) }).await
}

async fn message(response: Response) -> String {
    response.text().await.unwrap()
}

#[tokio::test]
async fn what_is_pushed_has_an_end() {
    let data = tempfile::tempdir().unwrap();
    let registry = with_room(data.path(), 3 << 20).await;
    let first = registry.push("a", &content(2 << 20)).await;
    // What is announced is refused before it is read, and the upload stays.
    let large = content((1 << 20) + 1);
    let upload = registry.begin("a").await;
    let answer = registry.send("PATCH", &upload, &[], large.clone(), 413).await;
    assert!(message(answer).await.contains("--max-size"));
    registry.send("DELETE", &upload, &[], "", 204).await;
    // What is not announced is refused once it is too much, and leaves nothing.
    let upload = registry.begin("a").await;
    let pieces: Vec<_> = large.chunks(100_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    let answer = registry.send("PATCH", &upload, &[], body, 413).await;
    assert!(message(answer).await.contains("the registry is full"));
    registry.send("GET", &upload, &[], "", 404).await;
    assert_eq!(files(&data.path().join("uploads")), 0);
    // What is there can be read, what fits fits, and what is deleted makes room.
    registry.push("a", &content(1000)).await;
    assert_eq!(registry.pull(&first).await.len(), 2 << 20);
    registry.send("DELETE", &format!("/v2/a/blobs/{first}"), &[], "", 202).await;
    registry.push("a", &large).await;
}

#[tokio::test]
async fn a_blob_that_is_pushed_again_or_fails_counts_once_or_not_at_all() {
    let data = tempfile::tempdir().unwrap();
    let registry = with_room(data.path(), 3 << 20).await;
    let blob = content(1 << 20);
    for _ in 0..5 {
        registry.push("a", &blob).await;
        let wrong = format!("/v2/a/blobs/uploads/?digest={}", Digest::of(b"other"));
        registry.send("POST", &wrong, &[], blob.clone(), 400).await;
    }
}

#[tokio::test]
async fn what_was_there_before_a_start_counts() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let digest = registry.push("a", &content(2 << 20)).await;
    registry.stop().await;
    let registry = with_room(data.path(), 2 << 20).await;
    let answer = registry.send("POST", "/v2/a/blobs/uploads/", &[], "", 413).await;
    assert_eq!(code(answer).await, "DENIED");
    assert_eq!(registry.pull(&digest).await.len(), 2 << 20);
}

#[tokio::test]
async fn empty_uploads_and_manifests_have_an_end_as_well() {
    let data = tempfile::tempdir().unwrap();
    let registry = with_room(data.path(), 10 * 4096).await;
    for _ in 0..10 {
        registry.begin("a").await;
    }
    registry.send("POST", "/v2/a/blobs/uploads/", &[], "", 413).await;
    let type_ = [("content-type", "application/vnd.oci.image.index.v1+json")];
    let index = r#"{"schemaVersion":2,"manifests":[]}"#;
    registry.send("PUT", "/v2/a/manifests/v1", &type_, index, 413).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_data_directory_that_others_can_write_to_is_refused() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    let data = tempfile::tempdir().unwrap();
    drop(bind(settings(data.path())).await.unwrap());
    fs::write(data.path().join("metadata.json"), "{}").unwrap();
    for (below, usual) in [("", 0o700), ("blobs", 0o700), ("uploads", 0o700), ("metadata.json", 0o600)] {
        let path = data.path().join(below);
        let set_mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        set_mode(usual | 0o022);
        let error = bind(settings(data.path())).await.err().unwrap();
        assert!(error.to_string().contains("others can write to"), "{below}: {error}");
        set_mode(usual);
    }
    bind(settings(data.path())).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn its_directories_are_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("share/crhost/serve");
    let registry = Running::start(&data).await;
    let digest = registry.push("a", b"content").await;
    let shard = format!("blobs/sha256/{}", digest.hex().split_at(2).0);
    for below in ["", "..", "../..", "blobs", "uploads", &shard] {
        let mode = std::fs::metadata(data.join(below)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{below}");
    }
}
