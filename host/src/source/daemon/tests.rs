use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixListener;

use super::*;
use crate::docker::{Candidates, Chosen, Configuration};
use crate::environment::Environment;
use crate::image::Digest;
use crate::image::media_type::{OCI_CONFIG, OCI_MANIFEST};
use crate::testing::request_path;

/// A daemon that listens on a socket.
pub(super) async fn connect(socket: &Path) -> Engine {
    let environment = Environment::from_iter([("DOCKER_HOST", format!("unix://{}", socket.display()))]);
    let docker = Configuration::load(&environment);
    Engine::connect(&Candidates::find(&environment, &docker, &Chosen::default()).unwrap()).await.unwrap()
}

/// A fake of a daemon that has one image without layers, and of the containerd that it started.
struct Fake {
    root: TempDir,
    id: Digest,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn start(driver: &str) -> Self {
        let (root, asked) = (tempfile::tempdir().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let listener = UnixListener::bind(root.path().join("docker.sock")).unwrap();
        let config = json!({"os": "linux", "architecture": "arm64", "rootfs": {"diff_ids": []}}).to_string();
        let named = json!({"mediaType": OCI_CONFIG, "digest": Digest::of(config.as_bytes()), "size": config.len()});
        let manifest =
            json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": named, "layers": []}).to_string();
        let id = Digest::of(manifest.as_bytes());
        for text in [&manifest, &config] {
            let blobs = root.path().join("containerd/daemon/io.containerd.content.v1.content/blobs/sha256");
            fs::create_dir_all(&blobs).unwrap();
            fs::write(blobs.join(Digest::of(text.as_bytes()).hex()), text).unwrap();
        }
        let inspection =
            json!({"Id": id, "Os": "linux", "Architecture": "arm64", "GraphDriver": {"Name": driver, "Data": null}});
        let info = json!({"DockerRootDir": root.path()});
        let questions = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let path = request_path(&mut stream).await;
                let body = match path.as_str() {
                    "/_ping" => "OK".to_owned(),
                    "/info" => info.to_string(),
                    _ => inspection.to_string(),
                };
                questions.lock().unwrap().push(path);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        Self { root, id, asked }
    }

    /// Opens the image, and tells whether it came from containerd's store, and the requests to the daemon for it.
    async fn open(&self, export_only: bool) -> (Opened<Reader>, bool, Vec<String>) {
        let engine = connect(&self.at("docker.sock")).await;
        self.asked.lock().unwrap().clear();
        let opened = open(engine, "train:v1", None, export_only).await.unwrap().0;
        let is_in_store = matches!(opened.reader, Reader::Containerd(_));
        (opened, is_in_store, self.asked.lock().unwrap().clone())
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }
}

const INSPECTION: &str = "/images/train:v1/json";

#[tokio::test]
async fn an_image_that_a_containerd_keeps_comes_with_its_manifest() {
    let daemon = Fake::start("overlayfs");
    let (opened, is_in_store, asked) = daemon.open(false).await;
    assert!(is_in_store && opened.name.as_deref() == Some("train:v1"));
    let Image::Stored { manifest, .. } = opened.image else { panic!("no manifest") };
    assert_eq!(Digest::of(&manifest.bytes), daemon.id);
    assert_eq!(asked, [INSPECTION, "/info"]);
}

#[tokio::test]
async fn one_question_tells_what_the_image_of_a_classic_daemon_is() {
    let (opened, is_in_store, asked) = Fake::start("overlay2").open(false).await;
    assert!(!is_in_store && matches!(opened.image, Image::Layers { .. }));
    assert_eq!(asked, [INSPECTION]);
}

#[tokio::test]
async fn an_image_whose_store_must_not_or_cannot_be_read_is_left_to_the_daemon() {
    let daemon = Fake::start("overlayfs");
    let (opened, is_in_store, asked) = daemon.open(true).await;
    let Image::Layers { config: ImageConfig::InFeed { id }, .. } = opened.image else { panic!("not in layers") };
    assert!(!is_in_store && id == daemon.id);
    assert_eq!(asked, [INSPECTION]);
    fs::remove_dir_all(daemon.at("containerd")).unwrap();
    assert!(!daemon.open(false).await.1);
}
