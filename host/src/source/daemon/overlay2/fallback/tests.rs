use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;

use super::*;
use crate::source::content::{Content, Origin};
use crate::source::daemon::tests::connect;
use crate::testing::request_path;

/// Three layers, the second larger than a block, the last one twice.
fn layers() -> Vec<Vec<u8>> {
    let second = (0..(1 << 20) + 5).map(|number: u32| (number % 251) as u8).collect();
    vec![b"first".to_vec(), second, b"third".to_vec(), b"third".to_vec()]
}

fn diff_id(number: usize) -> Digest {
    Digest::of(&layers()[number])
}

/// A fake of a daemon that exports an image.
struct Fake {
    fallback: Arc<Fallback>,
    exports: Arc<AtomicUsize>,
    _directory: TempDir,
}

impl Fake {
    async fn start(export: Vec<u8>) -> Self {
        let (directory, exports) = (tempfile::tempdir().unwrap(), Arc::new(AtomicUsize::new(0)));
        let socket = directory.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let counter = Arc::clone(&exports);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let is_export = request_path(&mut stream).await.starts_with("/images/sha256:");
                counter.fetch_add(usize::from(is_export), Ordering::SeqCst);
                let body = if is_export { &export[..] } else { b"OK" };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                // A client that has its layer hangs up.
                let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
            }
        });
        let diff_ids = layers().iter().map(|layer| Digest::of(layer)).collect();
        let export = Export { engine: connect(&socket).await, id: Digest::of(b"image"), diff_ids };
        Self { fallback: Arc::new(Fallback::new(export)), exports, _directory: directory }
    }

    /// A layer whose first bytes can be read in the store.
    fn layer(&self, diff_id: &Digest, readable: &[u8]) -> Content {
        let readable = readable.to_vec();
        let (fallback, rescued) = (Arc::clone(&self.fallback), diff_id.clone());
        let open =
            move || Ok(Box::new(io::Read::chain(io::Cursor::new(readable.clone()), Broken)) as Box<dyn io::Read>);
        let origin = Origin::new(0, diff_id.clone(), open);
        origin.rescued_by(move |interrupted| fallback.finish(&rescued, interrupted)).read()
    }

    fn exports(&self) -> usize {
        self.exports.load(Ordering::SeqCst)
    }
}

struct Broken;

impl io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, path, &bytes[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

/// An export as Docker 25 and later write it: layers are named by their digests.
fn named_by_digest() -> Vec<u8> {
    let blob = |bytes: Vec<u8>| (format!("blobs/sha256/{}", Digest::of(&bytes).hex()), bytes);
    tar(&layers().into_iter().take(3).map(blob).collect::<Vec<_>>())
}

/// An export as Docker wrote it before: the last file says which layer is which.
fn named_at_the_end() -> Vec<u8> {
    let names = ["a/layer.tar", "b/layer.tar", "c/layer.tar"].map(str::to_owned);
    let mut files: Vec<_> = names.into_iter().zip(layers()).collect();
    let layers = ["a/layer.tar", "b/layer.tar", "c/layer.tar", "d/layer.tar"];
    let manifest = json!([{"Config": "config.json", "RepoTags": [], "Layers": layers}]);
    files.push(("manifest.json".to_owned(), manifest.to_string().into_bytes()));
    tar(&files)
}

#[tokio::test]
async fn a_layer_that_breaks_off_is_finished_from_one_export() {
    let second = &layers()[1];
    for (export, exports) in [(named_by_digest(), 1), (named_at_the_end(), 2)] {
        for readable in [0, 3, (1 << 20) + 1, second.len()] {
            let fake = Fake::start(export.clone()).await;
            assert!(fake.layer(&diff_id(1), &second[..readable]).whole().await.unwrap() == *second, "{readable}");
            assert_eq!(fake.exports(), exports);
        }
    }
}

#[tokio::test]
async fn a_layer_that_the_store_has_differently_is_never_given_as_what_it_was() {
    let fake = Fake::start(named_by_digest()).await;
    let error = fake.layer(&diff_id(1), &[7; 1 << 20]).whole().await.unwrap_err();
    assert!(matches!(error, SourceError::Digest { .. }), "{error}");
}

#[tokio::test]
async fn a_layer_that_the_export_lacks_ends_in_an_error_that_names_it() {
    let fake = Fake::start(named_by_digest()).await;
    let error = fake.layer(&Digest::of(b"unknown"), b"").whole().await.unwrap_err();
    assert!(error.to_string().contains(Digest::of(b"unknown").as_str()), "{error}");
    assert_eq!(fake.exports(), MAX_EXPORTS);
    assert!(!fake.fallback.has_failed_often());
    fake.layer(&diff_id(1), b"").whole().await.unwrap();
    assert!(fake.fallback.has_failed_often());
}

#[tokio::test]
async fn an_export_that_breaks_off_ends_every_layer_that_waits_for_it() {
    let whole = named_by_digest();
    let fake = Fake::start(whole[..1100].to_vec()).await;
    let (second, third) = (fake.layer(&diff_id(1), b"s"), fake.layer(&diff_id(2), b"t"));
    let (second, third) = tokio::join!(second.whole(), third.whole());
    assert!(second.is_err() && third.is_err());
    assert!(fake.layer(&diff_id(1), b"").whole().await.is_err());
}

#[tokio::test]
async fn a_layer_without_a_receiver_costs_the_daemon_no_export() {
    let fake = Fake::start(named_by_digest()).await;
    let (writer, content) = crate::source::content::channel(0, None);
    drop(content);
    let fallback = Arc::clone(&fake.fallback);
    let finish = move || fallback.finish(&diff_id(1), Interrupted { writer, reason: io::Error::other("broken") });
    tokio::task::spawn_blocking(finish).await.unwrap();
    assert_eq!(fake.exports(), 0);
}
