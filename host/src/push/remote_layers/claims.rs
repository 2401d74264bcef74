//! What images in registries claim about layers: that a blob has the bytes of a diff id.

use std::collections::HashSet;

use super::form::Form;
use super::images::RemoteImage;
use crate::image::{Descriptor, Digest, Host, Repository};
use crate::push::compress::Compression;

/// Blobs that are looked at for one layer. More of them name the same content only if most are wrong.
const MAX_BLOBS: usize = 3;

/// A claim.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// The layer.
    pub(super) diff_id: Digest,
    /// The blob, as a manifest of ours would name it.
    pub(super) blob: Descriptor,
    /// The host that has the image with it.
    pub(super) host: Host,
    /// The repository of that image.
    pub(super) repository: Repository,
}

/// The claims about wanted layers, in the order of the images. What the media type of a manifest of ours would not say
/// is left out: other compressions, encrypted and foreign layers.
pub(super) fn of(images: &[RemoteImage], wanted: &HashSet<&Digest>, compression: Compression) -> Vec<Claim> {
    let form = Form::wanted(compression);
    let mut claims: Vec<Claim> = Vec::new();
    for image in images {
        for (diff_id, blob) in &image.layers {
            let is_usable = blob.urls.is_empty() && Form::of(&blob.media_type) == Some(form) && blob.size > 0;
            if !wanted.contains(diff_id) {
                continue;
            }
            if !is_usable {
                let kind = crate::text::printable(&blob.media_type, 100);
                tracing::debug!("layer {}: `{kind}` is not the form that it is to have", diff_id.short());
                continue;
            }
            let same = || claims.iter().filter(|claim| claim.diff_id == *diff_id);
            if same().count() >= MAX_BLOBS || same().any(|claim| claim.blob.digest == blob.digest) {
                continue;
            }
            claims.push(Claim {
                diff_id: diff_id.clone(),
                blob: Descriptor::new(compression.media_type(), blob.digest.clone(), blob.size),
                host: image.host.clone(),
                repository: image.repository.clone(),
            });
        }
    }
    claims
}

/// The first claim about each layer.
pub(super) fn first_of_each(claims: Vec<Claim>) -> Vec<Claim> {
    let mut seen = HashSet::new();
    claims.into_iter().filter(|claim| seen.insert(claim.diff_id.clone())).collect()
}
