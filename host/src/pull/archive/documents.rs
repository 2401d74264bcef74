//! The documents that name an image in an archive.

use serde_json::{Value, json};

use crate::image::{Descriptor, Digest, media_type};
use crate::pull::contents::DockerImage;
use crate::pull::layout::{ImageNames, entry};

/// `oci-layout`, which makes the archive a layout.
pub(super) const OCI_LAYOUT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// The path of a blob.
pub(super) fn path_of(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// `index.json`, with one image.
pub(super) fn index(root: &Descriptor, names: &ImageNames) -> Vec<u8> {
    let manifests = [entry(root, names)];
    bytes(&json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": manifests }))
}

/// `manifest.json`, as Docker reads it.
pub(super) fn manifest(image: &DockerImage, names: &ImageNames) -> Vec<u8> {
    let layers: Vec<String> = image.layers.iter().map(path_of).collect();
    let tags: Vec<&String> = names.whole.iter().collect();
    bytes(&json!([{ "Config": path_of(&image.config), "RepoTags": tags, "Layers": layers }]))
}

/// Strings, numbers and lists alone, which JSON can always write.
fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
