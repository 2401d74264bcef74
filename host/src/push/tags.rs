//! The tags of a push: which of them have the image already, and moving the others.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::error::PushError;
use super::retry::patiently;
use crate::distribution::RepositoryClient;
use crate::image::{Digest, Manifest, Reference, Tag};
use crate::source::StoredManifest;

/// Questions that are open at once; each is one small request.
const QUESTIONS: usize = 16;

/// The tags that do not have a manifest yet. A question that fails is no answer: what comes next fails for the same reason,
/// and says it better than an answer without a body can.
pub(super) async fn without(repository: &RepositoryClient, tags: &[Tag], digest: &Digest) -> Vec<Tag> {
    let ask = async |tag: Tag| match repository.head_manifest(&tag).await {
        Ok(Some(head)) if head.digest.as_ref() == Some(digest) => None,
        Ok(_) => Some(tag),
        Err(error) => {
            tracing::debug!("whether tag `{tag}` is to be moved is not known: {error}");
            Some(tag)
        }
    };
    stream::iter(tags.iter().cloned()).map(ask).buffered(QUESTIONS).filter_map(std::future::ready).collect().await
}

/// The manifest that all tags have, if it is one of this very image, whoever compressed its layers.
pub(super) async fn same_image(
    repository: &RepositoryClient,
    tags: &[Tag],
    config: &Digest,
) -> Result<Option<StoredManifest>, PushError> {
    let mut same: Option<StoredManifest> = None;
    for tag in tags {
        let (media_type, bytes) = match patiently(|| repository.get_manifest(tag)).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // An index, or whatever else the tag names, is not this image.
        let Ok(parsed) = Manifest::parse(&bytes) else { return Ok(None) };
        if parsed.config.digest != *config || same.as_ref().is_some_and(|same| same.bytes != bytes) {
            return Ok(None);
        }
        same = Some(StoredManifest { media_type, bytes, parsed });
    }
    Ok(same)
}

/// Sends a manifest or index, which moves a tag, and makes sure that the registry answers it under that tag.
pub(super) async fn publish(
    repository: &RepositoryClient,
    image: &Reference,
    tag: &Tag,
    media_type: &str,
    bytes: &Bytes,
) -> Result<(), PushError> {
    let expected = Digest::of(bytes);
    patiently(|| repository.put_manifest(tag, media_type, bytes.clone())).await?;
    let head = patiently(|| repository.head_manifest(tag)).await?;
    let actual = match head {
        None => None,
        Some(head) => match head.digest {
            Some(digest) => Some(digest),
            // A registry that does not tell digests is asked for the bytes.
            None => Some(Digest::of(&patiently(|| repository.get_manifest(tag)).await?.1)),
        },
    };
    if actual.as_ref() == Some(&expected) {
        return Ok(());
    }
    let actual = actual.map_or_else(|| "nothing".to_owned(), |digest| digest.to_string());
    Err(PushError::OtherDigest { image: format!("{}:{tag}", image.name()), expected, actual })
}
