use std::time::{Duration, Instant};

use super::*;
use crate::error::{Explain as _, Kind};

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_a_way_out() {
    let data = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = bind(Settings { listen: address, ..settings(data.path()) }).await.err().unwrap();
    assert_eq!(error.to_string(), format!("{address} is in use by another program"));
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.hint().unwrap().contains("--listen 127.0.0.1:"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_named() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = bind(settings(&file.join("data"))).await.err().unwrap();
    assert!(matches!(error, Error::Distrust(_)), "{error}");

    let _first = bind(settings(&data.path().join("data"))).await.unwrap();
    let error = bind(settings(&data.path().join("data"))).await.err().unwrap();
    assert!(matches!(error, Error::DataInUse(_)), "{error}");
}

#[tokio::test]
async fn damaged_metadata_is_not_written_over() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("metadata.json"), r#"{"manifests": {"#).unwrap();
    let error = bind(settings(data.path())).await.err().unwrap();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn manifests_that_were_stored_before_are_there_and_altered_ones_are_not() {
    let data = tempfile::tempdir().unwrap();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let entry = |body: &str| serde_json::json!({ "media_type": "application/x", "body_hex": hex(body) });
    let (whole, altered) = (Digest::of(b"{}"), Digest::of(b"{ }"));
    let stored = serde_json::json!({
        "manifests": { "a": { whole.as_str(): entry("{}"), altered.as_str(): entry("{x}") } },
        "tags": { "a": { "v1": whole, "v2": altered } },
        "referrers": {},
    });
    std::fs::write(data.path().join("metadata.json"), stored.to_string()).unwrap();
    let registry = Running::start(data.path()).await;
    let answer = registry.send("GET", "/v2/a/manifests/v1", &[], "", 200).await;
    assert_eq!(answer.bytes().await.unwrap(), "{}");
    registry.send("GET", "/v2/a/manifests/v2", &[], "", 404).await;
    registry.stop().await;
    for damaged in ["\"7b7\"", "\"zz\"", "3"] {
        let text = stored.to_string().replace(&format!("\"{}\"", hex("{}")), damaged);
        std::fs::write(data.path().join("metadata.json"), text).unwrap();
        let error = bind(settings(data.path())).await.err().unwrap();
        assert!(matches!(error, Error::Damaged { .. }), "{damaged}: {error}");
    }
}

#[tokio::test]
async fn what_a_killed_registry_left_behind_is_removed() {
    let data = tempfile::tempdir().unwrap();
    let uploads = data.path().join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    std::fs::write(data.path().join("metadata.json.1.0.tmp"), "{").unwrap();
    let old = std::fs::File::create(uploads.join("a".repeat(32))).unwrap();
    old.set_modified(std::time::SystemTime::now() - Duration::from_secs(25 * 60 * 60)).unwrap();
    std::fs::write(uploads.join("b".repeat(32)), "of today").unwrap();

    let registry = Running::start(data.path()).await;
    for _ in 0..100 {
        if files(&uploads) == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let today = format!("/v2/a/blobs/uploads/{}", "b".repeat(32));
    assert_eq!(header(&registry.send("GET", &today, &[], "", 204).await, "range"), "0-7");
    assert_eq!(files(&uploads), 1);
    assert!(!data.path().join("metadata.json.1.0.tmp").exists());
}

#[tokio::test]
async fn it_stops_though_an_upload_hangs_and_what_arrived_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let upload = registry.begin("a").await;
    let body = reqwest::Body::wrap_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let hanging = tokio::spawn(registry.client.patch(format!("{}{upload}", registry.base)).body(body).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = Instant::now();
    registry.stop().await;
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    hanging.abort();
    assert_eq!(files(&data.path().join("uploads")), 1);
}

#[tokio::test]
async fn it_says_which_protocol_it_speaks() {
    let data = tempfile::tempdir().unwrap();
    let registry = Running::start(data.path()).await;
    let answer = registry.send("GET", "/v2/", &[], "", 200).await;
    assert_eq!(header(&answer, "docker-distribution-api-version"), "registry/2.0");
    assert_eq!(code(registry.send("GET", "/v2/a/b/c", &[], "", 404).await).await, "NAME_UNKNOWN");
    assert_eq!(code(registry.send("GET", "/v2/A/tags/list", &[], "", 400).await).await, "NAME_INVALID");
    registry.send("POST", "/v2/a/tags/list", &[], "", 405).await;
}
