use tar::{Builder, EntryType, Header};
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;

use super::*;
use crate::source::daemon::tests::connect;
use crate::source::feed;
use crate::testing::request_path;

/// The error of an export that the daemon answers in this way, for an image of these layers.
async fn error_of(diff_ids: Vec<Digest>, status: &'static str, body: &'static str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let is_ping = request_path(&mut stream).await.starts_with("/_ping");
            let (status, body) = if is_ping { ("200 OK", "OK") } else { (status, body) };
            stream.write_all(format!("HTTP/1.1 {status}\r\n\r\n{body}").as_bytes()).await.unwrap();
        }
    });
    let export = Export { engine: connect(&socket).await, id: Digest::of(b"image"), diff_ids };
    let (sender, mut items) = feed::feed();
    export.feed(HashSet::new(), sender);
    while let Some(item) = items.recv().await {
        if let Err(error) = item {
            return error.to_string();
        }
    }
    panic!("no error");
}

#[tokio::test]
async fn a_daemon_that_breaks_off_is_told_with_its_own_words() {
    for (body, words) in [
        ("", "it holds no image"),
        (r#"{"errorDetail":{"message":"disk full"},"error":"disk full"}"#, "before the image was whole: disk full"),
        (r#"{"message":"unknown blob"}"#, "before the image was whole: unknown blob"),
        ("<html>502</html>", "before the image was whole: it gave no reason"),
    ] {
        let error = error_of(vec![Digest::of(b"layer")], "200 OK", body).await;
        assert!(error.contains(words) || body.is_empty() && error.contains("manifest.json"), "{body}: {error}");
    }
    let error =
        error_of(vec![Digest::of(b"layer")], "503 Busy", "<html><title>Docker is starting</title></html>").await;
    assert!(error.ends_with("Docker is starting (status 503)"), "{error}");
}

#[tokio::test]
async fn an_image_without_layers_that_a_daemon_cannot_export_is_told_as_such() {
    for (status, body) in
        [("500 Internal Server Error", r#"{"message":"empty export - not implemented"}"#), ("200 OK", "")]
    {
        let error = error_of(Vec::new(), status, body).await;
        assert!(error.starts_with("the Docker daemon can't export an image without layers: "), "{error}");
    }
}

#[test]
fn an_export_of_podman_has_its_layers_at_the_top_and_links_to_them() {
    let layer = b"a layer".repeat(200);
    let diff_id = Digest::of(&layer);
    let mut archive = Builder::new(Vec::new());
    let mut file = |name: &str, bytes: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, bytes).unwrap();
    };
    file(&format!("{}.tar", diff_id.hex()), &layer);
    file("c.json", b"{}");
    file("manifest.json", br#"[{"Config":"c.json","Layers":[]}]"#);
    let mut link = Header::new_ustar();
    link.set_entry_type(EntryType::Symlink);
    link.set_size(0);
    archive.append_link(&mut link, "abc/layer.tar", format!("../{}.tar", diff_id.hex())).unwrap();
    let mut found = Vec::new();
    let documents = walk(&archive.into_inner().unwrap()[..], std::slice::from_ref(&diff_id), |layer| {
        found.push((layer.path, layer.diff_id, layer.size));
        ControlFlow::Continue(())
    });
    assert_eq!(documents.unwrap().unwrap().entries().unwrap().len(), 1);
    assert_eq!(found, [(format!("{}.tar", diff_id.hex()), Some(diff_id), 1400)]);
}
