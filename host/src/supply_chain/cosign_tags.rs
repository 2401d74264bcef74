//! What belongs to an image by the names of tags, as cosign has it: signatures, attestations, SBOMs.

use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Manifest, Tag};
use crate::retrying::retry;

/// The tags under which cosign keeps what belongs to an image (cosign's signature specification, "Storage").
pub(crate) fn cosign_tags(digest: &Digest) -> impl Iterator<Item = Tag> {
    [".sig", ".att", ".sbom"].into_iter().map(|end| Tag::of_digest(digest, end))
}

/// The manifests under cosign's tags for an image that are not `known` already, each once. The type of each is that of
/// its first blob, since cosign gives none to the manifest.
///
/// # Errors
/// Any refusal.
pub(crate) async fn under_cosign_tags(
    repository: &RepositoryClient,
    subject: &Digest,
    known: &[Descriptor],
) -> Result<Vec<Descriptor>, Error> {
    let mut all: Vec<Descriptor> = Vec::new();
    for tag in cosign_tags(subject) {
        // Some registries take the tag for the digest, and answer with the image itself.
        let found = retry(|| repository.manifest(&tag)).await?.filter(|found| found.digest != *subject);
        let is_new = |digest: &Digest| known.iter().chain(&all).all(|other| other.digest != *digest);
        let Some(found) = found.filter(|found| is_new(&found.digest)) else { continue };
        let blob = Manifest::parse(&found.bytes).ok().and_then(|manifest| manifest.layers.into_iter().next());
        let artifact_type = blob.map(|blob| blob.media_type.into_boxed_str()).filter(|kind| !kind.is_empty());
        let size = found.bytes.len() as u64;
        all.push(Descriptor { artifact_type, ..Descriptor::new(&found.media_type, found.digest, size) });
    }
    Ok(all)
}
