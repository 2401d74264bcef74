//! The image of an OCI layout.

use std::fs::{self, File};
use std::path::Path;

use serde_json::Value;

use super::documents::{list, text};
use super::http::Registry;
use super::side_by_side::side_by_side;
use crate::failure::{Failure, Result};

/// Sends its blobs as they are, the largest first, and then its manifest.
pub(super) fn push(layout: &Path, registry: &Registry) -> Result<()> {
    let index = read(&layout.join("index.json"))?;
    let root = text(&index, "/manifests/0/digest")?;
    let path = blob(layout, root);
    let bytes = fs::read(&path).map_err(Failure::io("read", &path))?;
    let manifest: Value = serde_json::from_slice(&bytes).map_err(|error| Failure::new(error.to_string()))?;
    let mut blobs: Vec<(u64, &str)> = Vec::new();
    for entry in list(&manifest, "/layers").iter().chain(manifest.get("config")) {
        let size = entry.get("size").and_then(Value::as_u64);
        blobs.push((size.unwrap_or_default(), text(entry, "/digest")?));
    }
    blobs.sort_unstable();
    blobs.dedup();
    blobs.reverse();
    side_by_side(&blobs, |(_, digest)| {
        let path = blob(layout, digest);
        registry.put_file(digest, &mut File::open(&path).map_err(Failure::io("open", &path))?)
    })?;
    registry.put_manifest(text(&index, "/manifests/0/mediaType")?, &bytes)
}

fn blob(layout: &Path, digest: &str) -> std::path::PathBuf {
    layout.join("blobs").join(digest.replace(':', "/"))
}

fn read(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).map_err(Failure::io("read", path))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::new(format!("`{}`: {error}", path.display())))
}
