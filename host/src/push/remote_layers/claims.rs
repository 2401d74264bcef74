//! What images in registries claim about layers: that a blob has the bytes of a diff id.

use std::collections::HashSet;

use super::form::Form;
use super::images::RemoteImage;
use crate::image::{Descriptor, Digest, Host, Repository};
use crate::push::compress::Compression;

/// Claims that are looked at for one layer: those of several images, most of which name the same blob.
const MAX_CLAIMS: usize = 8;

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            let claim = Claim {
                diff_id: diff_id.clone(),
                blob: Descriptor::new(compression.media_type(), blob.digest.clone(), blob.size),
                host: image.host.clone(),
                repository: image.repository.clone(),
            };
            if same().count() < MAX_CLAIMS && !same().any(|other| *other == claim) {
                claims.push(claim);
            }
        }
    }
    claims
}

/// The first claim about each layer.
pub(super) fn first_of_each(claims: Vec<Claim>) -> Vec<Claim> {
    let mut seen = HashSet::new();
    claims.into_iter().filter(|claim| seen.insert(claim.diff_id.clone())).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::image::media_type;

    fn image(repository: &str, layers: &[(&str, &str, &str)]) -> RemoteImage {
        let layer = |(layer, blob, kind): &(&str, &str, &str)| {
            (Digest::of(layer.as_bytes()), Descriptor::new(kind, Digest::of(blob.as_bytes()), 9))
        };
        let layers = layers.iter().map(layer).collect();
        RemoteImage::example("ghcr.io", repository, layers, Bytes::new())
    }

    #[test]
    fn only_wanted_layers_of_the_right_form_are_claimed_by_each_repository_once() {
        let gzip = media_type::OCI_LAYER_GZIP;
        let images = [
            image("a", &[("one", "x", gzip), ("other", "y", gzip), ("two", "z", media_type::OCI_LAYER_ZSTD)]),
            image("a", &[("one", "x", media_type::DOCKER_LAYER_GZIP), ("two", "w", "application/vnd.oci.encrypted")]),
            image("b", &[("one", "x", gzip), ("one", "v", gzip)]),
        ];
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let claims = of(&images, &HashSet::from([&one, &two]), Compression::default());
        let found: Vec<(&str, &Digest)> =
            claims.iter().map(|claim| (claim.repository.as_str(), &claim.blob.digest)).collect();
        let [x, v] = [b"x", b"v"].map(|bytes| Digest::of(bytes));
        assert_eq!(found, [("a", &x), ("b", &x), ("b", &v)]);
        assert!(claims.iter().all(|claim| claim.diff_id == one && claim.blob.media_type == gzip));
        assert_eq!(first_of_each(claims).len(), 1);
        let zstd = of(&images, &HashSet::from([&one, &two]), Compression::Zstd(3));
        assert_eq!(zstd.len(), 1);
    }

    #[test]
    fn foreign_layers_are_no_one_s() {
        let mut images = [image("a", &[("one", "x", media_type::OCI_LAYER_GZIP)])];
        images[0].layers[0].1.urls = ["https://example.com/layer".to_owned()].into();
        let one = Digest::of(b"one");
        assert!(of(&images, &HashSet::from([&one]), Compression::default()).is_empty());
    }
}
