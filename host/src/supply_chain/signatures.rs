//! Where the signatures of an image are: under cosign's tag, and among its referrers.

use super::list::referrers;
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Manifest, Tag};
use crate::retrying::retry;
use crate::signature::{BUNDLE_TYPE, PAYLOAD_TYPE};

/// The annotation with a signature, in base64 (cosign's signature specification, "Signature").
pub(super) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// The type of signatures that are a referrer and not under a tag: cosign's `--registry-referrers-mode=oci-1-1`.
const SIGNATURE_TYPE: &str = "application/vnd.dev.cosign.artifact.sig.v1+json";

/// What the type of every version of a bundle begins with.
const BUNDLE_TYPES: &str = "application/vnd.dev.sigstore.bundle";

/// Most referrers with signatures that are read.
const MAX_REFERRERS: usize = 100;

/// A signature before it is read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The tag, or the digest of the manifest, that has it.
    pub(super) place: String,
    /// The blob: a payload, or a bundle.
    pub(super) blob: Descriptor,
    /// Its form.
    pub(super) form: Form,
}

/// The form of a signature.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// A payload, with this signature in base64.
    Simple(String),
    /// A bundle, which has both.
    Bundle,
}

/// The tag of an image's signatures, `sha256-<hex>.sig`.
pub(super) fn signature_tag(digest: &Digest) -> Tag {
    Tag::of_digest(digest, ".sig")
}

/// The signatures under cosign's tag.
///
/// # Errors
/// Any refusal.
pub(super) async fn under_tag(repository: &RepositoryClient, digest: &Digest) -> Result<Vec<Found>, Error> {
    let tag = signature_tag(digest);
    let Some(manifest) = retry(|| repository.manifest(&tag)).await? else { return Ok(Vec::new()) };
    Ok(of_manifest(tag.as_str(), &manifest.bytes))
}

/// The signatures among the referrers.
///
/// # Errors
/// Any refusal.
pub(super) async fn among_referrers(repository: &RepositoryClient, digest: &Digest) -> Result<Vec<Found>, Error> {
    let listed = referrers(repository, digest).await?.all.into_iter().filter(|referrer| {
        // Some lists don't tell the type, and some tell another one.
        referrer.artifact_type.as_deref().is_none_or(|kind| kind == SIGNATURE_TYPE || kind.starts_with(BUNDLE_TYPES))
    });
    let mut found = Vec::new();
    for referrer in listed.take(MAX_REFERRERS) {
        let digest = &referrer.digest;
        if let Some(manifest) = retry(|| repository.manifest(digest)).await? {
            found.extend(of_manifest(digest.as_str(), &manifest.bytes));
        }
    }
    Ok(found)
}

/// The signatures of a manifest. What is no manifest has none.
fn of_manifest(place: &str, bytes: &[u8]) -> Vec<Found> {
    let Ok(manifest) = Manifest::parse(bytes) else { return Vec::new() };
    let signature = |blob: Descriptor| {
        let form = match blob.annotations.get(SIGNATURE) {
            Some(signature) if blob.media_type == PAYLOAD_TYPE => Form::Simple(signature.clone()),
            _ if blob.media_type == BUNDLE_TYPE => Form::Bundle,
            _ => return None,
        };
        Some(Found { place: place.to_owned(), blob, form })
    };
    manifest.layers.into_iter().filter_map(signature).collect()
}
