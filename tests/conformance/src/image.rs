//! A tiny image in an OCI layout: one layer with one file of five bytes.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// The blobs of an image and its manifest.
pub(crate) struct Image {
    /// The bytes that a registry must have as manifest.
    pub(crate) manifest: Vec<u8>,
    /// Configuration and layer: digest and bytes.
    pub(crate) blobs: Vec<(String, Vec<u8>)>,
}

/// The tag in the layout.
pub(crate) const TAG: &str = "v1";

/// The name under which Docker loads it.
pub(crate) const LOADED: &str = "crhost-conformance:v1";

/// Media type of the manifest (image-spec 1.1, manifest.md).
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

impl Image {
    /// An image whose file holds the number, so that no blob of an earlier push can be found in its place.
    ///
    /// # Errors
    /// When compression fails.
    pub(crate) fn numbered(number: usize) -> Result<Self> {
        let broken = |error: std::io::Error| Failure::new(format!("cannot make a layer: {error}"));
        let content = format!("{:05}", number % 100_000);
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, "f", content.as_bytes()).map_err(broken)?;
        let layer = archive.into_inner().map_err(broken)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&layer).map_err(broken)?;
        let packed = gzip.finish().map_err(broken)?;
        let config = json!({"architecture": "amd64", "os": "linux", "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]}, "history": []});
        let config = config.to_string().into_bytes();
        let described = |media_type: &str, blob: &[u8]| {
            json!({"mediaType": format!("application/vnd.oci.image.{media_type}"), "digest": digest(blob),
                "size": blob.len()})
        };
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST,
            "config": described("config.v1+json", &config), "layers": [described("layer.v1.tar+gzip", &packed)]});
        let blobs = [config, packed].into_iter().map(|blob| (digest(&blob), blob)).collect();
        Ok(Self { manifest: manifest.to_string().into_bytes(), blobs })
    }

    /// Writes it as a layout into a directory, in place of an earlier one.
    ///
    /// # Errors
    /// When a file can't be written.
    pub(crate) fn write(&self, layout: &Path) -> Result<()> {
        let blobs = layout.join("blobs/sha256");
        if layout.exists() {
            fs::remove_dir_all(layout).map_err(Failure::io("remove", layout))?;
        }
        fs::create_dir_all(&blobs).map_err(Failure::io("create", &blobs))?;
        let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "size": self.manifest.len(),
            "digest": digest(&self.manifest), "annotations": {"org.opencontainers.image.ref.name": TAG}}]});
        let mut files = vec![
            (layout.join("oci-layout"), json!({"imageLayoutVersion": "1.0.0"}).to_string().into_bytes()),
            (layout.join("index.json"), index.to_string().into_bytes()),
        ];
        // The same for `docker load`, which reads no layouts before Docker 25.
        let inside: Vec<String> = self
            .blobs
            .iter()
            .map(|(digest, _)| format!("blobs/sha256/{}", digest.trim_start_matches("sha256:")))
            .collect();
        let list = json!([{"Config": inside.first(), "Layers": inside.get(1..), "RepoTags": [LOADED]}]);
        files.push((layout.join("manifest.json"), list.to_string().into_bytes()));
        let named = |digest: &str| blobs.join(digest.trim_start_matches("sha256:"));
        files.push((named(&digest(&self.manifest)), self.manifest.clone()));
        files.extend(self.blobs.iter().map(|(digest, blob)| (named(digest), blob.clone())));
        files.iter().try_for_each(|(path, bytes)| fs::write(path, bytes).map_err(Failure::io("write", path)))
    }
}

/// `sha256:` and the digest in hex.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    hash.as_ref().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// The digest of a manifest's configuration.
pub(crate) fn configuration(manifest: &[u8]) -> Option<String> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    Some(manifest.pointer("/config/digest")?.as_str()?.to_owned())
}

/// The digests of a manifest's layers.
pub(crate) fn layers(manifest: &[u8]) -> Vec<String> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let layers = manifest.get("layers").and_then(Value::as_array);
    let digest = |layer: &Value| Some(layer.get("digest")?.as_str()?.to_owned());
    layers.into_iter().flatten().filter_map(digest).collect()
}
