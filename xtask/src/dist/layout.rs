//! An image as an OCI layout (OCI image specification 1.1).

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::tree::{Tree, gzip};
use crate::failure::{Failure, Result};

/// A layout that is being written.
pub(super) struct Layout<'a> {
    directory: &'a Path,
}

/// A layer: its descriptor, and the digest of its archive.
pub(super) struct Layer {
    pub(super) descriptor: Value,
    pub(super) diff_id: String,
}

impl<'a> Layout<'a> {
    /// An empty one, in the place of one that was there.
    pub(super) fn create(directory: &'a Path) -> Result<Self> {
        if directory.join("oci-layout").exists() {
            fs::remove_dir_all(directory).map_err(Failure::io("remove", directory))?;
        } else if directory.exists() {
            return Err(Failure::new(format!("`{}` is no OCI layout, and stays as it is", directory.display()))
                .hint("name another directory"));
        }
        let blobs = directory.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(Failure::io("create", &blobs))?;
        Ok(Self { directory })
    }

    /// Adds a blob, and gives its descriptor.
    pub(super) fn blob(&self, media_type: &str, bytes: &[u8]) -> Result<Value> {
        let hex = hex_digest(bytes);
        let file = self.directory.join("blobs/sha256").join(&hex);
        fs::write(&file, bytes).map_err(Failure::io("write", &file))?;
        Ok(json!({"mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len()}))
    }

    /// Adds a layer.
    pub(super) fn layer(&self, tree: &Tree, time: u64) -> Result<Layer> {
        let archive = tree.archive(time)?;
        let diff_id = format!("sha256:{}", hex_digest(&archive));
        let descriptor = self.blob("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(&archive)?)?;
        Ok(Layer { descriptor, diff_id })
    }

    /// Writes the index that names the only image.
    pub(super) fn finish(&self, manifest: Value) -> Result<()> {
        let index = json!({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest],
        });
        for (name, document) in [("index.json", index), ("oci-layout", json!({"imageLayoutVersion": "1.0.0"}))] {
            let file = self.directory.join(name);
            fs::write(&file, document.to_string()).map_err(Failure::io("write", &file))?;
        }
        Ok(())
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
pub(super) fn hex_digest(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time in seconds since 1970, as RFC 3339 has it.
pub(super) fn rfc3339(seconds: u64) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_calendars_have_it() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_796_058_381, "2026-11-30T17:06:21Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
