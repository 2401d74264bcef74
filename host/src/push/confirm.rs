//! Whether a registry has what it took: it is asked for each blob and manifest, whatever it answered before.

use super::backoff::{retry, retry_unseen};
use super::error::PushError;
use super::requests::concurrently;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest};

/// Has the registry confirm blobs that were sent, all at once: a manifest whose blobs are missing must not get a tag,
/// and few registries look for them.
pub(super) async fn confirm_blobs(
    repository: &RepositoryClient,
    blobs: impl IntoIterator<Item = &Descriptor>,
) -> Result<(), PushError> {
    let questions = blobs.into_iter().map(async |blob: &Descriptor| {
        retry_unseen(|| retry(|| repository.confirm_blob(&blob.digest, blob.size))).await
    });
    concurrently(questions).await?;
    Ok(())
}

/// Has the registry confirm a manifest or index that was sent under its digest.
pub(super) async fn confirm_manifest(repository: &RepositoryClient, digest: &Digest) -> Result<(), PushError> {
    let head = retry(|| repository.head_manifest(digest)).await?;
    // A registry that tells no digest was asked by it.
    let actual = head.map(|head| head.digest.unwrap_or_else(|| digest.clone()));
    match actual {
        Some(actual) if actual == *digest => Ok(()),
        actual => Err(other_digest(format!("{}/{}", repository.host(), repository.repository()), digest, actual)),
    }
}

/// The error of a registry that has another manifest than the one that was sent, or none.
pub(super) fn other_digest(image: String, expected: &Digest, actual: Option<Digest>) -> PushError {
    let actual = actual.map_or_else(|| "nothing".to_owned(), |digest| digest.to_string());
    PushError::OtherDigest { image: image.into(), expected: expected.clone(), actual: actual.into() }
}
