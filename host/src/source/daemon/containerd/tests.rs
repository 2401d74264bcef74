use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::source::content::Content;
use crate::source::error::SourceError;

/// A fake of a content store: a directory of blobs that a test writes.
struct Fake {
    root: TempDir,
}

/// A layer's archive, and the blob that is stored of it.
type Stored = (&'static [u8], &'static str, &'static [u8]);

const GZIP: Stored = (b"<0>", media_type::OCI_LAYER_GZIP, b"<0> in gzip");
const DOCKER_GZIP: Stored = (b"<1>", media_type::DOCKER_LAYER_GZIP, b"<1>, too");
const RAW: Stored = (b"<raw>", "application/vnd.docker.image.rootfs.diff.tar", b"<raw>");
const SMALL: Stored = (b"<>", media_type::OCI_LAYER, b"<>");

impl Fake {
    fn new() -> Self {
        let fake = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(fake.root.path().join(BLOBS)).unwrap();
        fake
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.root.path().join(BLOBS).join(digest.strip_prefix("sha256:").unwrap())
    }

    /// Writes a blob, and gives its descriptor.
    fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        fs::write(self.path(digest.as_str()), bytes).unwrap();
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    fn document(&self, media_type: &str, mut content: Value) -> Value {
        content["mediaType"] = media_type.into();
        self.blob(media_type, &serde_json::to_vec_pretty(&content).unwrap())
    }

    /// Writes an image, and gives the descriptor of its manifest.
    fn image(&self, architecture: &str, layers: &[Stored]) -> Value {
        let diff_ids: Vec<Digest> = layers.iter().map(|(archive, ..)| Digest::of(archive)).collect();
        let config = json!({"os": "linux", "architecture": architecture, "rootfs": {"diff_ids": diff_ids}});
        let config = self.blob("application/vnd.docker.container.image.v1+json", config.to_string().as_bytes());
        let layers: Vec<Value> = layers.iter().map(|(_, media_type, blob)| self.blob(media_type, blob)).collect();
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
        self.document(media_type::DOCKER_MANIFEST, manifest)
    }

    fn open(&self, local: &LocalImage) -> Result<(Image, ContentStore), String> {
        ContentStore::open(self.root.path(), local)
    }
}

/// The daemon's answer for an image of these layers.
fn local(target: &Value, layers: &[Stored]) -> LocalImage {
    LocalImage {
        id: target["digest"].as_str().unwrap().parse().unwrap(),
        diff_ids: layers.iter().map(|(archive, ..)| Digest::of(archive)).collect(),
        platform: "linux/arm64".parse().unwrap(),
        driver: Some("overlayfs".to_owned()),
        names: Vec::new(),
        settings: Default::default(),
    }
}

/// Everything that is given of these digests.
async fn fed(store: ContentStore, wanted: &[&[u8]]) -> Vec<(Option<String>, Content)> {
    let (sender, mut items) = feed::feed();
    // Whichever of the two a layer is known by.
    let keys = wanted.iter().map(|bytes| Digest::of(bytes));
    let keys = keys.flat_map(|digest| [LayerKey::Blob(digest.clone()), LayerKey::DiffId(digest)]).collect();
    store.feed(&keys, sender);
    let mut all = Vec::new();
    while let Some(item) = items.recv().await {
        all.push(match item.unwrap() {
            Item::Blob(blob, content) => (Some(blob.media_type), content),
            Item::Tar(content) => (None, content),
            Item::Config(_) => panic!("the configuration is known already"),
        });
    }
    all
}

fn stored(image: Image) -> (StoredManifest, Bytes) {
    let Image::Stored { manifest, config } = image else { panic!("no manifest") };
    (*manifest, config)
}

#[tokio::test]
async fn compressed_layers_are_given_as_they_are_stored_and_so_is_their_manifest() {
    let (fake, layers) = (Fake::new(), [DOCKER_GZIP, GZIP, DOCKER_GZIP]);
    let target = fake.image("arm64", &layers);
    let (image, store) = fake.open(&local(&target, &layers)).unwrap();
    let layer_keys: Vec<LayerKey> = image.layers().iter().map(Layer::key).collect();
    assert_eq!(layer_keys[1], LayerKey::Blob(Digest::of(GZIP.2)));
    let (manifest, config) = stored(image);
    assert_eq!(Digest::of(&manifest.bytes).as_str(), target["digest"]);
    assert_eq!(manifest.media_type, media_type::DOCKER_MANIFEST);
    assert_eq!(Digest::of(&config), manifest.parsed.config.digest);
    // Each once, the largest first.
    let given = fed(store.clone(), &[GZIP.2, DOCKER_GZIP.2]).await;
    for ((media_type, content), expected) in given.into_iter().zip([GZIP, DOCKER_GZIP]) {
        let again = content.origin().unwrap();
        assert_eq!((media_type.as_deref(), content.whole().await.unwrap()), (Some(expected.1), expected.2.to_vec()));
        assert_eq!(again.read().whole().await.unwrap(), expected.2);
    }
    assert_eq!(fed(store, &[DOCKER_GZIP.2, RAW.2]).await.len(), 1);
}

#[tokio::test]
async fn uncompressed_layers_are_given_to_be_compressed_for_a_new_manifest() {
    let (fake, layers) = (Fake::new(), [SMALL, RAW]);
    let (image, store) = fake.open(&local(&fake.image("arm64", &layers), &layers)).unwrap();
    let Image::Layers { config: ImageConfig::Known(config), layers } = image else { panic!("not in layers") };
    assert!(Config::parse(&config).is_ok());
    assert!(matches!(&layers[..], [Layer::Tar { size: Some(2), .. }, Layer::Tar { size: Some(5), .. }]));
    for ((media_type, content), expected) in fed(store, &[SMALL.2, RAW.2]).await.into_iter().zip([RAW, SMALL]) {
        assert_eq!((media_type, content.whole().await.unwrap()), (None, expected.2.to_vec()));
    }
}

#[tokio::test]
async fn compressed_layers_above_uncompressed_ones_stay_as_they_are_in_a_new_manifest() {
    let (fake, layers) = (Fake::new(), [RAW, DOCKER_GZIP]);
    let (image, store) = fake.open(&local(&fake.image("arm64", &layers), &layers)).unwrap();
    assert!(matches!(image, Image::Layers { .. }));
    let given = fed(store, &[RAW.2, DOCKER_GZIP.2]).await;
    let types: Vec<_> = given.iter().map(|(media_type, _)| media_type.as_deref()).collect();
    assert_eq!(types, [Some(media_type::OCI_LAYER_GZIP), None]);
    // A layer without an OCI media type is left to the daemon.
    let layers = [RAW, (b"<e>", "application/vnd.oci.image.layer.v1.tar+gzip+encrypted", b"?")];
    assert!(
        fake.open(&local(&fake.image("arm64", &layers), &layers)).is_err_and(|reason| reason.contains("encrypted"))
    );
}

#[test]
fn the_index_of_a_daemon_needs_only_the_manifest_for_its_platform() {
    let fake = Fake::new();
    let place = |mut manifest: Value, architecture: &str| {
        manifest["platform"] = json!({"os": "linux", "architecture": architecture});
        manifest
    };
    let elsewhere = json!({"mediaType": media_type::OCI_MANIFEST, "digest": Digest::of(b"not here"), "size": 8});
    let (attestation, old) = (fake.image("unknown", &[GZIP]), fake.image("arm64", &[RAW]));
    let meant = fake.image("arm64", &[GZIP]);
    let entries = [
        place(elsewhere.clone(), "amd64"),
        place(elsewhere, "arm64"),
        place(attestation, "unknown"),
        place(old, "arm64"),
        place(meant.clone(), "arm64"),
    ];
    let index =
        |entries: &[Value]| fake.document(media_type::OCI_INDEX, json!({"schemaVersion": 2, "manifests": entries}));
    let (image, _) = fake.open(&local(&index(&entries), &[GZIP])).unwrap();
    assert_eq!(Digest::of(&stored(image).0.bytes).as_str(), meant["digest"]);
    for entries in [&entries[..3], &entries[..4], &[]] {
        assert!(fake.open(&local(&index(entries), &[GZIP])).is_err());
    }
}

#[test]
fn a_store_that_is_not_whole_is_not_used() {
    let layers = [GZIP, RAW];
    let files = [
        |target: &Value, _: &Value| target["digest"].clone(),
        |_: &Value, manifest: &Value| manifest["config"]["digest"].clone(),
        |_: &Value, manifest: &Value| manifest["layers"][0]["digest"].clone(),
        |_: &Value, manifest: &Value| manifest["layers"][1]["digest"].clone(),
    ];
    for file in files {
        let fake = Fake::new();
        let target = fake.image("arm64", &layers);
        let manifest =
            serde_json::from_slice(&fs::read(fake.path(target["digest"].as_str().unwrap())).unwrap()).unwrap();
        let path = fake.path(file(&target, &manifest).as_str().unwrap());
        let before = fs::read(&path).unwrap();
        let is_open = || fake.open(&local(&target, &layers)).is_ok();
        assert!(is_open());
        fs::write(&path, &before[1..]).unwrap();
        assert!(!is_open(), "cut off: {}", path.display());
        fs::remove_file(&path).unwrap();
        assert!(!is_open(), "missing: {}", path.display());
        let elsewhere = fake.root.path().join("elsewhere");
        fs::write(&elsewhere, &before).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(!is_open(), "a link: {}", path.display());
        fs::remove_file(&path).unwrap();
        fs::write(&path, before).unwrap();
        assert!(is_open());
    }
}

#[test]
fn what_contradicts_the_daemon_is_not_used() {
    let (fake, layers) = (Fake::new(), [GZIP, RAW]);
    let target = fake.image("arm64", &layers);
    for other in [&[GZIP][..], &[RAW, GZIP], &[]] {
        assert!(fake.open(&local(&target, other)).is_err());
    }
    // The id of a classic daemon's image, were it here.
    let manifest: Value =
        serde_json::from_slice(&fs::read(fake.path(target["digest"].as_str().unwrap())).unwrap()).unwrap();
    assert!(fake.open(&local(&manifest["config"], &layers)).is_err());
    assert!(ContentStore::open(&fake.root.path().join(BLOBS), &local(&target, &layers)).is_err());
}

#[tokio::test]
async fn a_changed_layer_ends_in_an_error_or_is_found_out_when_a_registry_refuses_it() {
    let (fake, layers) = (Fake::new(), [GZIP, RAW]);
    let (_, store) = fake.open(&local(&fake.image("arm64", &layers), &layers)).unwrap();
    for (_, _, blob) in layers {
        fs::write(fake.path(Digest::of(blob).as_str()), b"other bytes").unwrap();
    }
    let mut given = fed(store, &[GZIP.2, RAW.2]).await.into_iter().map(|(_, content)| content);
    let (compressed, raw) = (given.next().unwrap(), given.next().unwrap());
    assert!(matches!(compressed.origin().unwrap().verify().await, Err(SourceError::Digest { .. })));
    assert!(matches!(raw.whole().await, Err(SourceError::Digest { .. })));
}
