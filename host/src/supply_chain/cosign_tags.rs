//! What belongs to an image by the names of tags, as cosign has it: signatures, attestations, SBOMs.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, Manifest, Tag};
use crate::retrying::{CONCURRENT_REQUESTS, retry};

/// The tags under which cosign keeps what belongs to an image (cosign's signature specification, "Storage").
pub(super) fn cosign_tags(digest: &Digest) -> impl Iterator<Item = Tag> {
    [".sig", ".att", ".sbom"].into_iter().map(|end| Tag::of_digest(digest, end))
}

/// The manifests under cosign's tags for an image that are not `known` already, each once.
///
/// # Errors
/// Any refusal.
pub(crate) async fn under_cosign_tags(
    repository: &RepositoryClient,
    subject: &Digest,
    known: &[Descriptor],
) -> Result<Vec<Descriptor>, Error> {
    let mut all: Vec<Descriptor> = Vec::new();
    for (_, found) in under_tags(repository, subject, cosign_tags(subject).collect()).await? {
        if known.iter().chain(&all).all(|other| other.digest != found.digest) {
            all.push(found);
        }
    }
    Ok(all)
}

/// The manifests under those of some tags that there are. The type of each is that of its first blob, since cosign
/// gives none to the manifest.
///
/// # Errors
/// Any refusal.
pub(super) async fn under_tags(
    repository: &RepositoryClient,
    subject: &Digest,
    tags: Vec<Tag>,
) -> Result<Vec<(Tag, Descriptor)>, Error> {
    let questions = tags.into_iter().map(|tag| async move {
        // Some registries take the tag for the digest, and answer with the image itself.
        let found = retry(|| repository.manifest(&tag)).await?.filter(|found| found.digest != *subject);
        let Some(found) = found else { return Ok(None) };
        let blob = Manifest::parse(&found.bytes).ok().and_then(|manifest| manifest.layers.into_iter().next());
        let artifact_type = blob.map(|blob| blob.media_type.into_boxed_str()).filter(|kind| !kind.is_empty());
        let size = found.bytes.len() as u64;
        Ok::<_, Error>(Some((
            tag,
            Descriptor { artifact_type, ..Descriptor::new(&found.media_type, found.digest, size) },
        )))
    });
    let found: Vec<Option<(Tag, Descriptor)>> =
        stream::iter(questions).buffered(CONCURRENT_REQUESTS).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
