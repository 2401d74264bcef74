//! The tags of a push: finds those that have the image already, and moves the others.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::backoff::retry;
use super::confirm::{confirm_manifest, other_digest};
use super::error::PushError;
use super::published::Published;
use super::requests::CONCURRENT_REQUESTS;
use crate::distribution::RepositoryClient;
use crate::image::{Digest, Manifest, Reference, Tag};
use crate::source::StoredManifest;

/// The tags that do not have a manifest yet. A request that fails counts as "not yet": the next request fails for the
/// same reason, and with a body that explains it, which HEAD has not.
pub(super) async fn without(repository: &RepositoryClient, tags: &[Tag], digest: &Digest) -> Vec<Tag> {
    let ask = async |tag: Tag| match repository.head_manifest(&tag).await {
        Ok(Some(head)) if head.digest.as_ref() == Some(digest) => None,
        Ok(_) => Some(tag),
        Err(error) => {
            tracing::debug!("whether tag `{tag}` has the image is not known: {error}");
            Some(tag)
        }
    };
    stream::iter(tags.iter().cloned())
        .map(ask)
        .buffered(CONCURRENT_REQUESTS)
        .filter_map(std::future::ready)
        .collect()
        .await
}

/// Whether the registry has a manifest under its digest. A request that fails counts as "no", as for tags.
pub(super) async fn is_there(repository: &RepositoryClient, digest: &Digest) -> bool {
    repository.head_manifest(digest).await.is_ok_and(|head| head.is_some())
}

/// Sends a manifest or index under its digest alone, so that no tag moves.
pub(super) async fn publish_untagged(
    repository: &RepositoryClient,
    media_type: &str,
    bytes: &Bytes,
) -> Result<(), PushError> {
    let digest = Digest::of(bytes);
    retry(|| repository.put_manifest(&digest, media_type, bytes.clone())).await?;
    confirm_manifest(repository, &digest).await
}

/// The manifest that all tags have, if it is one of this image, however its layers are compressed.
pub(super) async fn same_image(
    repository: &RepositoryClient,
    tags: &[Tag],
    config: &Digest,
) -> Result<Option<Published>, PushError> {
    let mut same: Option<Published> = None;
    for tag in tags {
        let (media_type, bytes) = match retry(|| repository.get_manifest(tag)).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // An index, or anything else that is no manifest, is not this image.
        let Ok(parsed) = Manifest::parse(&bytes) else { return Ok(None) };
        if parsed.config.digest != *config || same.as_ref().is_some_and(|same| same.bytes != bytes) {
            return Ok(None);
        }
        same = Some(StoredManifest { media_type, bytes, parsed }.into());
    }
    Ok(same)
}

/// Sends a manifest or index, which moves the tag, and verifies that the registry answers it under that tag.
pub(super) async fn publish(
    repository: &RepositoryClient,
    image: &Reference,
    tag: &Tag,
    media_type: &str,
    bytes: &Bytes,
) -> Result<(), PushError> {
    let expected = Digest::of(bytes);
    retry(|| repository.put_manifest(tag, media_type, bytes.clone())).await?;
    let head = retry(|| repository.head_manifest(tag)).await?;
    let actual = match head {
        None => None,
        Some(head) => match head.digest {
            Some(digest) => Some(digest),
            // From a registry that tells no digests, the bytes are read again.
            None => Some(Digest::of(&retry(|| repository.get_manifest(tag)).await?.1)),
        },
    };
    if actual.as_ref() == Some(&expected) {
        return Ok(());
    }
    Err(other_digest(format!("{}:{tag}", image.name()), &expected, actual))
}
