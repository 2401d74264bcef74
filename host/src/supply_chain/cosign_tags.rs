//! What belongs to an image by the names of tags, as cosign has it: signatures, attestations, SBOMs.

use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Manifest, Tag};
use crate::retrying::retry;

/// The ends of the tags behind the image's digest (cosign's signature specification, "Storage").
const SUFFIXES: [&str; 3] = [".sig", ".att", ".sbom"];

/// The manifests under cosign's tags for an image. The type of each is that of its first blob, since cosign gives none
/// to the manifest.
///
/// # Errors
/// Any refusal.
pub(crate) async fn under_cosign_tags(
    repository: &RepositoryClient,
    subject: &Digest,
) -> Result<Vec<Descriptor>, Error> {
    let mut all = Vec::new();
    for suffix in SUFFIXES {
        let tag = Tag::of_digest(subject, suffix);
        // Some registries take the tag for the digest, and answer with the image itself.
        let found = retry(|| repository.manifest(&tag)).await?.filter(|found| found.digest != *subject);
        let Some(found) = found else { continue };
        let blob = Manifest::parse(&found.bytes).ok().and_then(|manifest| manifest.layers.into_iter().next());
        let artifact_type = blob.map(|blob| blob.media_type.into_boxed_str()).filter(|kind| !kind.is_empty());
        let size = found.bytes.len() as u64;
        all.push(Descriptor { artifact_type, ..Descriptor::new(&found.media_type, found.digest, size) });
    }
    Ok(all)
}
