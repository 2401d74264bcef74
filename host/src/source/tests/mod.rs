//! Images as other programs write them, from public reports.

mod archives;
mod layouts;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::error::{Explain as _, Kind};
use crate::image::{Digest, media_type};

/// A directory, and the parts of one image.
struct Place(TempDir);

/// The uncompressed layer, a tar archive of one file.
fn layer() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(5);
    archive.append_data(&mut header, "f", &b"hello"[..]).unwrap();
    archive.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    Digest::of(bytes).hex().to_owned()
}

fn config(architecture: &str) -> Vec<u8> {
    let rootfs = json!({"type": "layers", "diff_ids": [Digest::of(&layer())]});
    json!({"architecture": architecture, "os": "linux", "rootfs": rootfs}).to_string().into_bytes()
}

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.blob(b"", "");
        fs::write(place.path("layout/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes an archive of named files.
    fn tar(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let path = self.path(name);
        let mut archive = tar::Builder::new(File::create(&path).unwrap());
        for (name, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, *bytes).unwrap();
        }
        archive.finish().unwrap();
        path
    }

    /// Writes a blob of the layout, and gives its descriptor.
    fn blob(&self, bytes: &[u8], media_type: &str) -> Value {
        let blobs = self.path("layout/blobs/sha256");
        fs::create_dir_all(&blobs).unwrap();
        fs::write(blobs.join(hex(bytes)), bytes).unwrap();
        json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()})
    }

    /// Writes a manifest of the layout.
    fn manifest(&self, config: &Value, layers: &Value) -> Value {
        let manifest =
            json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": config, "layers": layers});
        self.blob(manifest.to_string().as_bytes(), media_type::OCI_MANIFEST)
    }

    /// Writes an image of the layout.
    fn image(&self, architecture: &str) -> Value {
        let layers = json!([self.blob(&gzip(&layer()), media_type::OCI_LAYER_GZIP)]);
        self.manifest(&self.blob(&config(architecture), media_type::OCI_CONFIG), &layers)
    }

    /// Writes the layout's own index.
    fn index(&self, entries: &[Value]) {
        let index = json!({"schemaVersion": 2, "manifests": entries}).to_string();
        fs::write(self.path("layout/index.json"), index).unwrap();
    }

    /// Writes an index below that.
    fn below(&self, entries: &[Value]) {
        let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries}).to_string();
        self.index(&[self.blob(index.as_bytes(), media_type::OCI_INDEX)]);
    }

    /// Opens what lies in the directory, as `TRANSPORT:NAME[:REFERENCE]`.
    async fn open(&self, transport: &str, rest: &str, options: Options) -> Result<Source, SourceError> {
        let location: Location = format!("{transport}:{}/{rest}", self.0.path().display()).parse().unwrap();
        Source::open(&location, &options, &Environment::default(), async || panic!("no daemon is needed")).await
    }

    /// Opens the layout, and gives the digest of the manifest.
    async fn pick(&self, rest: &str, platform: Option<&str>) -> Result<Digest, SourceError> {
        let options = Options { platform: platform.map(|text| text.parse().unwrap()), ..Options::default() };
        self.open("oci", &format!("layout{rest}"), options).await.map(|source| digest(&source))
    }
}

/// The digest of the manifest that an image comes with.
fn digest(source: &Source) -> Digest {
    let Image::Stored { manifest, .. } = source.image() else { panic!("no manifest") };
    Digest::of(&manifest.bytes)
}

fn digest_of(entry: &Value) -> Digest {
    entry["digest"].as_str().unwrap().parse().unwrap()
}

fn with(entry: &Value, members: &Value) -> Value {
    let mut entry = entry.clone();
    entry.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    entry
}

/// Reads all layers of a source.
async fn read(source: &Source) -> Vec<Vec<u8>> {
    let mut feed = source.feed(source.image().layers().iter().map(Layer::key).collect());
    let mut layers = Vec::new();
    while let Some(item) = feed.recv().await {
        match item.unwrap() {
            Item::Blob(_, content) | Item::Tar(content) => layers.push(content.whole().await.unwrap()),
            Item::Config(_) => panic!("a configuration"),
        }
    }
    layers
}

fn docker_manifest(config: &str, layers: &Value) -> Vec<u8> {
    json!([{"Config": config, "RepoTags": ["x/y:1", "x/y:2"], "Layers": layers}]).to_string().into_bytes()
}

#[tokio::test]
async fn an_archive_of_crane_is_pushed_with_the_layers_that_it_has_compressed() {
    let (place, config, stored) = (Place::new(), config("amd64"), gzip(&layer()));
    let (config_name, layer_name) = (format!("sha256:{}", hex(&config)), format!("{}.tar.gz", hex(&stored)));
    let manifest = docker_manifest(&config_name, &json!([layer_name]));
    let files: [(&str, &[u8]); 3] = [(&config_name, &config), (&layer_name, &stored), ("manifest.json", &manifest)];
    let plain = place.tar("a.tar", &files);
    fs::write(place.path("a.tar.gz"), gzip(&fs::read(&plain).unwrap())).unwrap();
    fs::write(place.path("a.tar.zst"), zstd::encode_all(File::open(&plain).unwrap(), 1).unwrap()).unwrap();
    for name in ["a.tar", "a.tar.gz", "a.tar.zst"] {
        let source = place.open("docker-archive", name, Options::default()).await.unwrap();
        assert!(
            matches!(&source.image().layers()[..], [Layer::Blob(blob)] if blob.digest == Digest::of(&stored)),
            "{name}"
        );
        assert_eq!(read(&source).await, std::slice::from_ref(&stored), "{name}");
        assert_eq!((source.suggestion(), source.other_names()), (Some("x/y:1"), &["x/y:2".to_owned()][..]));
    }
}

#[tokio::test]
async fn a_compressed_layer_under_another_name_is_unpacked() {
    let (place, config) = (Place::new(), config("amd64"));
    for name in ["layer.tar", &format!("{}.tar.gz", hex(b"other"))] {
        let manifest = docker_manifest("c", &json!([name]));
        place.tar("a.tar", &[("manifest.json", &manifest), ("c", &config), (name, &gzip(&layer()))]);
        let source = place.open("docker-archive", "a.tar", Options::default()).await.unwrap();
        assert_eq!(read(&source).await, [layer()], "{name}");
    }
}

#[tokio::test]
async fn an_archive_without_layers_may_say_so_as_null() {
    let place = Place::new();
    let config = br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null}}"#;
    let manifest = br#"[{"Config":"c.json","RepoTags":null,"Layers":null}]"#;
    place.tar("a.tar", &[("c.json", config), ("manifest.json", manifest)]);
    let source = place.open("docker-archive", "a.tar", Options::default()).await.unwrap();
    assert!(source.image().layers().is_empty() && source.suggestion().is_none());
}

#[tokio::test]
async fn a_layout_in_a_tar_archive_is_read_whatever_it_is_called() {
    let place = Place::new();
    let entry = place.image("amd64");
    place.index(std::slice::from_ref(&entry));
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", place.path("layout")).unwrap();
    let bytes = archive.into_inner().unwrap();
    fs::write(place.path("oci.tar"), &bytes).unwrap();
    fs::write(place.path("oci.tar.gz"), gzip(&bytes)).unwrap();
    for (transport, name) in
        [("oci", "oci.tar"), ("oci-archive", "oci.tar"), ("docker-archive", "oci.tar"), ("oci-archive", "oci.tar.gz")]
    {
        let source = place.open(transport, name, Options::default()).await.unwrap();
        assert_eq!(digest(&source), digest_of(&entry), "{transport} {name}");
        assert_eq!(read(&source).await, [gzip(&layer())], "{transport} {name}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_archive_can_be_read_from_a_pipe_of_the_shell() {
    use std::os::fd::AsRawFd as _;
    let (place, config) = (Place::new(), config("amd64"));
    let manifest = docker_manifest("c", &json!(["l.tar"]));
    let archive = place.tar("a.tar", &[("manifest.json", &manifest), ("c", &config), ("l.tar", &layer())]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    let written = std::thread::spawn(move || writer.write_all(&fs::read(archive).unwrap()).unwrap());
    let location: Location = format!("docker-archive:/dev/fd/{}", reader.as_raw_fd()).parse().unwrap();
    let no_daemon = async || Err(SourceError::Thread("no daemon is asked".into()));
    let source = Source::open(&location, &Options::default(), &Environment::default(), no_daemon).await.unwrap();
    written.join().unwrap();
    assert_eq!(read(&source).await, [layer()]);
    assert_eq!(read(&source).await, [layer()]);
}

#[tokio::test]
async fn what_is_no_archive_of_an_image_is_told_by_its_kind() {
    let place = Place::new();
    let (config, layer) = (config("amd64"), layer());
    let manifest = docker_manifest("c", &json!(["l.tar"]));
    let whole =
        fs::read(place.tar("a.tar", &[("manifest.json", &manifest), ("c", &config), ("l.tar", &layer)])).unwrap();
    fs::write(place.path("passwd"), "root:x:0:0:root:/root:/bin/bash\n".repeat(40)).unwrap();
    fs::write(place.path("cut"), &whole[..whole.len() - 1024 - 600]).unwrap();
    fs::write(place.path("empty"), "").unwrap();
    fs::write(place.path("lz4"), b"\x04\x22\x4D\x18....").unwrap();
    fs::create_dir(place.path("directory")).unwrap();
    place.tar("missing", &[("manifest.json", &manifest), ("c", &config)]);
    for (name, kind) in [
        ("passwd", Kind::Usage),
        ("cut", Kind::Verification),
        ("empty", Kind::Usage),
        ("lz4", Kind::Usage),
        ("directory", Kind::Usage),
        ("missing", Kind::Verification),
        ("nowhere", Kind::NotFound),
    ] {
        let error = place.open("docker-archive", name, Options::default()).await.err().unwrap();
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
}

#[tokio::test]
async fn several_untagged_images_of_an_archive_are_chosen_by_number_or_digest() {
    let place = Place::new();
    let configs = [config("amd64"), config("arm64")];
    let entries = json!([
        {"Config": format!("{}.json", hex(&configs[0])), "RepoTags": null, "Layers": ["l.tar"]},
        {"Config": format!("{}.json", hex(&configs[1])), "RepoTags": null, "Layers": ["l.tar"]},
    ]);
    let names = configs.each_ref().map(|config| format!("{}.json", hex(config)));
    let (manifest, layer) = (entries.to_string().into_bytes(), layer());
    let files: [(&str, &[u8]); 4] =
        [("l.tar", &layer), (&names[0], &configs[0]), (&names[1], &configs[1]), ("manifest.json", &manifest)];
    place.tar("a.tar", &files);
    for reference in ["@1".to_owned(), Digest::of(&configs[1]).to_string()] {
        let source = place.open("docker-archive", &format!("a.tar:{reference}"), Options::default()).await.unwrap();
        let Image::Layers { config: ImageConfig::Known(found), .. } = source.image() else { panic!("no layers") };
        assert!(found[..] == configs[1] && source.name().is_none());
    }
    let error = place.open("docker-archive", "a.tar", Options::default()).await.err().unwrap();
    assert!(error.to_string().ends_with("has 2 images, and none was chosen"), "{error}");
    assert!(error.hint().unwrap().to_string().contains("`@0`, `@1`"), "{:?}", error.hint());
}

#[test]
fn a_file_that_was_taken_for_a_name_is_told_as_such() {
    let place = Place::new();
    let path = place.tar("a.tar", &[]);
    let error = file::ensure_not_here(path.to_str().unwrap()).unwrap_err();
    assert!(error.hint().unwrap().to_string().contains("docker-archive:"), "{:?}", error.hint());
    assert!(file::ensure_not_here("no.tar").is_ok());
}
