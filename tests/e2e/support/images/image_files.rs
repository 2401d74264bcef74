//! Images as files: OCI layouts, and archives as `docker save` writes them.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::images::digest;
use crate::support::images::image::{Image, append};

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// Writes an OCI layout of images with their tags, and gives the digests of their manifests.
pub(crate) fn layout(directory: &Path, images: &[(&str, &Image)]) -> Vec<String> {
    let entries: Vec<Value> = images
        .iter()
        .map(|(tag, image)| {
            let mut entry = manifest(directory, image);
            entry["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
            entry
        })
        .collect();
    finish_layout(directory, &entries);
    entries.iter().map(|entry| entry["digest"].as_str().unwrap().to_owned()).collect()
}

/// Writes an OCI layout with one tag for images of several architectures.
pub(crate) fn multi_platform_layout(directory: &Path, tag: &str, images: &[(&str, &Image)]) {
    let entries: Vec<Value> = images
        .iter()
        .map(|(architecture, image)| {
            let mut entry = manifest(directory, image);
            entry["platform"] = json!({"os": "linux", "architecture": architecture});
            entry
        })
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
    let mut entry = blob(directory, INDEX, &serde_json::to_vec(&index).unwrap());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
    finish_layout(directory, &[entry]);
}

/// Writes an image's blobs, and gives the descriptor of its manifest.
pub(crate) fn manifest(directory: &Path, image: &Image) -> Value {
    let layers: Vec<Value> = image.layers.iter().map(|layer| blob(directory, LAYER, &gzip(layer))).collect();
    let config = blob(directory, CONFIG, &image.config);
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
    // With white space, as in configurations.
    blob(directory, MANIFEST, &serde_json::to_vec_pretty(&manifest).unwrap())
}

/// Writes a layout of an image whose lowest layer is stored elsewhere, as those of Windows are.
pub(crate) fn layout_with_a_layer_elsewhere(directory: &Path, image: &Image) {
    let whole = manifest(directory, image);
    let path = directory.join("blobs/sha256").join(digest::hex(whole["digest"].as_str().unwrap()));
    let mut manifest: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    manifest["layers"][0]["urls"] = json!(["https://images.example.com/layer"]);
    finish_layout(directory, &[blob(directory, MANIFEST, manifest.to_string().as_bytes())]);
}

/// Writes a blob, and gives its descriptor.
pub(crate) fn blob(directory: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let blobs = directory.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let digest = digest::of(bytes);
    fs::write(blobs.join(digest::hex(&digest)), bytes).unwrap();
    json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
}

/// Writes the files that make a directory of blobs a layout.
pub(crate) fn finish_layout(directory: &Path, entries: &[Value]) {
    let index = json!({"schemaVersion": 2, "manifests": entries});
    fs::write(directory.join("index.json"), index.to_string()).unwrap();
    fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

/// Writes what `docker save` writes for images with their names.
pub(crate) fn archive(file: &Path, images: &[(&str, &Image)]) {
    let mut archive = tar::Builder::new(File::create(file).unwrap());
    let mut entries = Vec::new();
    for (name, image) in images {
        let id = digest::hex(&image.config_digest()).to_owned();
        let mut layers = Vec::new();
        for (number, layer) in image.layers.iter().enumerate() {
            let directory = digest::of(format!("{id}/{number}").as_bytes());
            let path = format!("{}/layer.tar", digest::hex(&directory));
            append(&mut archive, &path, layer);
            layers.push(path);
        }
        let config = format!("{id}.json");
        append(&mut archive, &config, &image.config);
        entries.push(json!({"Config": config, "RepoTags": [name], "Layers": layers}));
    }
    append(&mut archive, "manifest.json", &serde_json::to_vec(&entries).unwrap());
    archive.finish().unwrap();
}

/// Compresses a whole file, as people do with archives.
pub(crate) fn compress(file: &Path, to: &Path) {
    fs::write(to, gzip(&fs::read(file).unwrap())).unwrap();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
