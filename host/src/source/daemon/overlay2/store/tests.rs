use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

use super::*;
use crate::source::error::SourceError;
use crate::source::feed::Feed;
use serde_json::json;
use tempfile::TempDir;

/// A store like that of a daemon, with an image of two layers, of which each has one file of its number, and an empty
/// third.
struct Store {
    root: TempDir,
    id: Digest,
    diff_ids: Vec<Digest>,
}

const CACHES: [&str; 3] = ["cache-0", "cache-1", "cache-2"];

impl Store {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let contents = [&b"<0000>"[..], b"<1>", b""];
        let diff_ids: Vec<Digest> = contents.iter().map(|content| Digest::of(content)).collect();
        let config = json!({"os": "linux", "architecture": "arm64", "rootfs": {"diff_ids": diff_ids}}).to_string();
        let store = Self { id: Digest::of(config.as_bytes()), diff_ids, root };
        store.write(&format!("image/overlay2/imagedb/content/sha256/{}", store.id.hex()), config.as_bytes());
        for (number, content) in contents.into_iter().enumerate() {
            store.write_layer(number, content);
        }
        store
    }

    fn metadata(&self, number: usize) -> String {
        // Docker's specification: SHA-256 of the chain id below, a space, and the diff id.
        let chain = self.diff_ids.iter().take(number + 1).fold(String::new(), |below, diff_id| match below.as_str() {
            "" => diff_id.to_string(),
            _ => Digest::of(format!("{below} {diff_id}").as_bytes()).to_string(),
        });
        format!("image/overlay2/layerdb/sha256/{}", chain.strip_prefix("sha256:").unwrap())
    }

    fn write_layer(&self, number: usize, content: &[u8]) {
        let (metadata, inner) = (self.metadata(number), content.get(1..content.len().max(2) - 1).unwrap_or_default());
        self.write(&format!("{metadata}/diff"), self.diff_ids[number].as_str().as_bytes());
        self.write(&format!("{metadata}/cache-id"), CACHES[number].as_bytes());
        self.write(&format!("{metadata}/size"), inner.len().to_string().as_bytes());
        self.write(&format!("overlay2/{}/diff/file", CACHES[number]), inner);
        let records = match content {
            b"" => String::new(),
            _ => format!(
                "{{\"type\":2,\"payload\":\"PA==\"}}\n{{\"type\":1,\"name\":\"file\",\"size\":{}}}\n{{\"type\":2,\"payload\":\"Pg==\"}}\n",
                inner.len()
            ),
        };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(records.as_bytes()).unwrap();
        self.write(&format!("{metadata}/tar-split.json.gz"), &gzip.finish().unwrap());
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), bytes).unwrap();
    }

    fn open(&self, wanted: &[usize]) -> Result<LayerStore, String> {
        let wanted = wanted.iter().map(|number| LayerKey::DiffId(self.diff_ids[*number].clone())).collect();
        LayerStore::open(self.root.path(), &self.id, &self.diff_ids, &wanted)
    }

    /// Everything of a feed, and the failures that were left to the rescue.
    fn feed(&self, wanted: &[usize]) -> (Feed, Arc<Mutex<Vec<String>>>) {
        let (sender, feed) = feed::feed();
        let failures = Arc::new(Mutex::new(Vec::new()));
        let rescue = {
            let failures = Arc::clone(&failures);
            move |_: &Digest, interrupted: Interrupted| {
                failures.lock().unwrap().push(interrupted.reason.to_string());
                interrupted.fail();
            }
        };
        let store = self.open(wanted).unwrap();
        tokio::spawn(async move { store.feed(&sender, rescue, || false).await });
        (feed, failures)
    }
}

#[tokio::test]
async fn wanted_layers_come_the_largest_first_and_may_be_read_again() {
    let store = Store::new();
    let (mut items, failures) = store.feed(&[2, 1, 0]);
    let Some(Ok(Item::Config(config))) = items.recv().await else { panic!("no configuration") };
    assert_eq!(Digest::of(&config), store.id);
    for expected in [&b"<0000>"[..], b"<1>", b""] {
        let Some(Ok(Item::Tar(content))) = items.recv().await else { panic!("no layer") };
        let again = content.origin().unwrap();
        assert_eq!(content.whole().await.unwrap(), expected);
        assert_eq!(again.read().whole().await.unwrap(), expected);
    }
    assert!(items.recv().await.is_none() && failures.lock().unwrap().is_empty());
}

#[tokio::test]
async fn layers_that_are_not_wanted_are_not_touched() {
    let store = Store::new();
    for gone in [CACHES[0], CACHES[2]] {
        fs::remove_dir_all(store.path(&format!("overlay2/{gone}"))).unwrap();
    }
    let (mut items, _) = store.feed(&[1]);
    assert!(matches!(items.recv().await, Some(Ok(Item::Config(_)))));
    let Some(Ok(Item::Tar(content))) = items.recv().await else { panic!("no layer") };
    assert_eq!(content.whole().await.unwrap(), b"<1>");
    assert!(items.recv().await.is_none());
}

#[test]
fn a_store_that_is_not_whole_is_not_used() {
    let damages: [fn(&Store) -> PathBuf; 7] = [
        |store| store.path(""),
        |store| store.path(&format!("image/overlay2/imagedb/content/sha256/{}", store.id.hex())),
        |store| store.path(&format!("{}/diff", store.metadata(1))),
        |store| store.path(&format!("{}/cache-id", store.metadata(1))),
        |store| store.path(&format!("{}/size", store.metadata(1))),
        |store| store.path(&format!("{}/tar-split.json.gz", store.metadata(1))),
        |store| store.path("overlay2/cache-1/diff"),
    ];
    for damage in damages {
        let store = Store::new();
        assert!(store.open(&[0, 1, 2]).is_ok());
        let victim = damage(&store);
        match victim.is_dir() {
            true => fs::remove_dir_all(&victim).unwrap(),
            false => fs::remove_file(&victim).unwrap(),
        }
        assert!(store.open(&[0, 1, 2]).is_err(), "{}", victim.display());
    }
}

#[test]
fn what_contradicts_the_daemon_is_not_used() {
    let store = Store::new();
    let (metadata, other) = (store.metadata(1), Digest::of(b"other"));
    for (path, bytes) in [
        (format!("image/overlay2/imagedb/content/sha256/{}", store.id.hex()), "{\"rootfs\":{\"diff_ids\":[]}}"),
        (format!("{metadata}/diff"), other.as_str()),
        (format!("{metadata}/cache-id"), ""),
        (format!("{metadata}/cache-id"), "../../../etc"),
        (format!("{metadata}/cache-id"), &"0".repeat(100)),
        (format!("{metadata}/size"), "-1"),
    ] {
        let before = fs::read(store.path(&path)).unwrap();
        store.write(&path, bytes.as_bytes());
        assert!(store.open(&[1]).is_err(), "{path}: {bytes}");
        store.write(&path, &before);
    }
    assert!(store.open(&[1]).is_ok());
    assert!(LayerStore::open(store.root.path(), &store.id, &[other], &HashSet::new()).is_err());
}

#[test]
fn a_layers_directory_that_is_a_link_is_not_followed() {
    let store = Store::new();
    let diff = store.path("overlay2/cache-1/diff");
    fs::rename(&diff, store.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(store.path("elsewhere"), &diff).unwrap();
    assert!(store.open(&[1]).is_err());
}

#[tokio::test]
async fn a_changed_file_ends_in_an_error_of_the_digest_and_a_missing_one_is_left_to_the_rescue() {
    let store = Store::new();
    fs::remove_file(store.path("overlay2/cache-1/diff/file")).unwrap();
    for changed in [&b"0010"[..], b"000", b""] {
        store.write("overlay2/cache-0/diff/file", changed);
        let (mut items, failures) = store.feed(&[0]);
        items.recv().await;
        let Some(Ok(Item::Tar(changed))) = items.recv().await else { panic!("no layer") };
        assert!(matches!(changed.whole().await, Err(SourceError::Digest { .. })));
        assert!(failures.lock().unwrap().is_empty());
    }
    let (mut items, failures) = store.feed(&[1]);
    items.recv().await;
    let Some(Ok(Item::Tar(missing))) = items.recv().await else { panic!("no layer") };
    missing.whole().await.unwrap_err();
    assert!(failures.lock().unwrap().iter().all(|reason| reason.contains("`file`")));
    assert_eq!(failures.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_that_is_given_up_leaves_its_layers_to_others() {
    let store = Store::new();
    let (sender, mut items) = feed::feed();
    let rest = store.open(&[0, 1]).unwrap().feed(&sender, |_, interrupted| interrupted.fail(), || true).await;
    assert_eq!(rest, [0, 1].map(|number| LayerKey::DiffId(store.diff_ids[number].clone())).into());
    drop(sender);
    assert!(matches!(items.recv().await, Some(Ok(Item::Config(_)))));
    assert!(items.recv().await.is_none());
}
