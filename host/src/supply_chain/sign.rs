//! Signing: a payload for the image, signed, and added to the manifest under cosign's tag.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::error::SupplyChainError;
use super::signatures::{SIGNATURE, signature_tag};
use super::upload::upload_bytes;
use crate::distribution::{RepositoryClient, rewrites};
use crate::image::{Descriptor, Digest, Tag, media_type};
use crate::retrying::retry;
use crate::signature::{Annotations, PAYLOAD_TYPE, PrivateKey, payload};

/// A signed image.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    /// The image's digest.
    pub(crate) digest: Digest,
    /// The tag with its signatures.
    pub(crate) tag: Tag,
    /// The digest of the manifest under that tag.
    pub(crate) manifest: Digest,
    /// Whether this key had signed it with these annotations before.
    pub(crate) unchanged: bool,
}

/// Signs an image, unless this key has signed it so already. Other signatures stay.
///
/// # Errors
/// Where the tag has something else, and any refusal.
pub(crate) async fn sign(
    repository: &RepositoryClient,
    digest: &Digest,
    key: &PrivateKey,
    annotations: &Annotations,
) -> Result<Signed, SupplyChainError> {
    let name = format!("{}/{}", repository.host(), repository.repository());
    let content = payload(digest, &name, annotations);
    let signature = key.sign(&content)?;
    let mut layer = Descriptor::new(PAYLOAD_TYPE, Digest::of(&content), content.len() as u64);
    layer.annotations.insert(SIGNATURE.to_owned(), signature);
    let tag = signature_tag(digest);
    let mut written = None;
    for turn in rewrites() {
        let mut signatures = Signatures::read(repository, &tag).await?;
        if let (true, Some(manifest)) = (signatures.has(&layer, key, &content), &signatures.manifest) {
            let (manifest, unchanged) = (manifest.clone(), written.is_none());
            return Ok(Signed { digest: digest.clone(), tag, manifest, unchanged });
        }
        if written.is_none() {
            upload_bytes(repository, content.clone().into()).await?;
        }
        signatures.layers.push(json!(layer));
        written = Some(signatures.write(repository, &tag).await?);
        turn.settle().await;
    }
    tracing::warn!(
        "the registry took the signature of `{name}@{digest}`, but does not show it yet: it may take a while until \
         others see it"
    );
    // Something was written in each round.
    let manifest = written.unwrap_or_else(|| digest.clone());
    Ok(Signed { digest: digest.clone(), tag, manifest, unchanged: false })
}

/// The manifest under cosign's tag, with members that crhost does not know.
struct Signatures {
    /// Its digest; absent where there is nothing.
    manifest: Option<Digest>,
    media_type: String,
    document: Map<String, Value>,
    layers: Vec<Value>,
}

impl Signatures {
    /// What is there; an empty manifest where there is nothing.
    async fn read(repository: &RepositoryClient, tag: &Tag) -> Result<Self, SupplyChainError> {
        let Some(found) = retry(|| repository.manifest(tag)).await? else {
            let document = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST });
            let (media_type, document) = (media_type::OCI_MANIFEST.to_owned(), document.as_object().cloned());
            let document = document.unwrap_or_default();
            return Ok(Self { manifest: None, media_type, document, layers: Vec::new() });
        };
        let parse = || {
            let mut document: Map<String, Value> = serde_json::from_slice(&found.bytes).ok()?;
            match document.remove("layers")? {
                Value::Array(layers) => {
                    let (manifest, media_type) = (Some(found.digest.clone()), found.media_type.clone());
                    Some(Self { manifest, media_type, document, layers })
                }
                _ => None,
            }
        };
        parse().ok_or_else(|| SupplyChainError::NoSignatures {
            repository: repository.repository().to_string().into(),
            tag: tag.to_string().into(),
        })
    }

    /// Whether there is a signature of this payload by this key. Those of ECDSA differ each time.
    fn has(&self, layer: &Descriptor, key: &PrivateKey, payload: &[u8]) -> bool {
        let signature = |found: &Value| found.get("annotations")?.get(SIGNATURE)?.as_str().map(ToOwned::to_owned);
        let is_ours = |signature: String| key.public().verify_base64(payload, &signature).is_ok();
        let is_of_payload = |found: &&Value| found["digest"].as_str() == Some(layer.digest.as_str());
        self.layers.iter().filter(is_of_payload).filter_map(signature).any(is_ours)
    }

    /// Gives the digest of the manifest that it writes.
    async fn write(mut self, repository: &RepositoryClient, tag: &Tag) -> Result<Digest, SupplyChainError> {
        // Payloads are not compressed: each is its own diff id.
        let diff_ids: Vec<&Value> = self.layers.iter().map(|layer| &layer["digest"]).collect();
        let config = json!({
            "architecture": "",
            "os": "",
            "config": {},
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        let config: Bytes = config.to_string().into();
        let size = config.len() as u64;
        let digest = upload_bytes(repository, config).await?;
        self.document.insert("config".to_owned(), json!(Descriptor::new(media_type::OCI_CONFIG, digest, size)));
        self.document.insert("layers".to_owned(), self.layers.into());
        // What was JSON can always be written as JSON.
        let bytes: Bytes = serde_json::to_vec(&self.document).unwrap_or_default().into();
        retry(|| repository.put_manifest(tag, &self.media_type, bytes.clone())).await?;
        Ok(Digest::of(&bytes))
    }
}
