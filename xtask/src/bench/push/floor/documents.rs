//! Digests, and the documents of images.

use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use crate::failure::{Failure, Result};

/// A blob that was sent.
pub(super) struct Sent {
    pub(super) digest: String,
    pub(super) size: u64,
}

/// The OCI manifest of an image.
pub(super) fn manifest(config: &Sent, layers: &[Sent]) -> Value {
    let entry = |kind: &str, sent: &Sent| json!({"mediaType": format!("application/vnd.oci.image.{kind}"), "digest": sent.digest, "size": sent.size});
    let layers: Vec<Value> = layers.iter().map(|layer| entry("layer.v1.tar+gzip", layer)).collect();
    json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": entry("config.v1+json", config), "layers": layers})
}

/// The text at a place of a document.
pub(super) fn text<'a>(document: &'a Value, place: &str) -> Result<&'a str> {
    let found = document.pointer(place).and_then(Value::as_str);
    found.ok_or_else(|| Failure::new(format!("the image has a document without the text `{place}`")))
}

/// The list at a place of a document, or an empty one.
pub(super) fn list<'a>(document: &'a Value, place: &str) -> &'a [Value] {
    document.pointer(place).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The media type of a manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// `sha256:…` of a finished hash.
pub(super) fn digest(context: Context) -> String {
    let hex: String = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// `sha256:…` of these bytes.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    digest(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_empty_text() {
        assert_eq!(digest_of(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
