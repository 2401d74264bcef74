//! The tags of a push: finds those that have the image already, and moves the others.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::confirm::{Confirmation, confirm_manifest};
use super::error::PushError;
use super::progress::{Event, Progress};
use super::published::Published;
use super::report::Report;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest, DocumentKind, Manifest, Reference, Tag};
use crate::registry::Target;
use crate::retrying::CONCURRENT_REQUESTS;
use crate::retrying::{ask, retry};
use crate::source::StoredManifest;

/// The image's own tag, unless the user named it by its digest alone, and the further ones, each once.
pub(super) fn wanted(further: &[Tag], target: &Target) -> Vec<Tag> {
    let mut tags = Vec::from_iter(target.image.tag().cloned());
    for tag in further {
        if !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

/// The tags that do not have a manifest yet. A request that fails counts as "not yet": the next request fails for the
/// same reason, and with a body that explains it, which HEAD has not.
pub(crate) async fn without(repository: &RepositoryClient, tags: &[Tag], digest: &Digest) -> Vec<Tag> {
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
pub(crate) async fn is_there(repository: &RepositoryClient, digest: &Digest) -> bool {
    repository.head_manifest(digest).await.is_ok_and(|head| head.is_some())
}

/// Sends a manifest or index under its digest alone, so that no tag moves.
pub(crate) async fn publish_untagged(
    repository: &RepositoryClient,
    media_type: &str,
    bytes: &Bytes,
) -> Result<(), PushError> {
    let digest = Digest::of(bytes);
    retry(|| repository.put_manifest(&digest, media_type, bytes.clone())).await?;
    let name = format!("{}/{}@{digest}", repository.host(), repository.repository());
    tell(&name, confirm_manifest(repository, &name, (&digest).into(), &digest).await?);
    Ok(())
}

/// The manifest with a digest, if the registry has it and it is one of an image with this configuration. A request that
/// fails counts as "no".
pub(super) async fn with_digest(repository: &RepositoryClient, digest: &Digest, config: &Digest) -> Option<Published> {
    let (media_type, bytes) = ask(|| repository.get_manifest(digest)).await.ok().flatten()?;
    let is_same = |parsed: &Manifest| Digest::of(&bytes) == *digest && parsed.config.digest == *config;
    let parsed = Manifest::parse(&bytes).ok().filter(is_same)?;
    Some(StoredManifest { media_type, bytes, parsed }.into())
}

/// The manifest that all tags have, if it is one of this image, however its layers are compressed.
pub(super) async fn same_image(
    repository: &RepositoryClient,
    tags: &[Tag],
    config: &Digest,
) -> Result<Option<Published>, PushError> {
    let mut same: Option<Published> = None;
    for tag in tags {
        // Without an answer the image is pushed, which is never wrong.
        let Some((media_type, bytes)) = ask(|| repository.get_manifest(tag)).await? else { return Ok(None) };
        // An index, or anything else that is no manifest, is not this image.
        let Ok(DocumentKind::Manifest(_)) = DocumentKind::of(&media_type, &bytes) else { return Ok(None) };
        let Ok(parsed) = Manifest::parse(&bytes) else { return Ok(None) };
        if parsed.config.digest != *config || same.as_ref().is_some_and(|same| same.bytes != bytes) {
            return Ok(None);
        }
        same = Some(StoredManifest { media_type, bytes, parsed }.into());
    }
    Ok(same)
}

/// Sends a manifest or index under each tag, in their order. That moves the tag, and the registry is verified to answer
/// it under that tag. Where the registry shows nothing or refuses to answer, its word counts, and the user is told.
///
/// # Errors
/// At the first tag that can't be moved; those before it have moved.
pub(crate) async fn publish_all(
    repository: &RepositoryClient,
    image: &Reference,
    tags: &[Tag],
    published: &Published,
) -> Result<(), PushError> {
    for tag in tags {
        publish(repository, image, tag, published).await?;
    }
    Ok(())
}

/// Sends a manifest or index, which moves the tag, and verifies that the registry answers it under that tag. Where the
/// registry shows nothing or refuses to answer, its word counts, and the user is told.
pub(super) async fn publish(
    repository: &RepositoryClient,
    image: &Reference,
    tag: &Tag,
    published: &Published,
) -> Result<(), PushError> {
    put(repository, tag, published).await?;
    let name = format!("{}:{tag}", image.name());
    tell(&name, confirm_manifest(repository, &name, tag.into(), &published.digest()).await?);
    Ok(())
}

/// Sends a manifest or index under a tag.
async fn put(repository: &RepositoryClient, tag: &Tag, published: &Published) -> Result<(), PushError> {
    let send = || repository.put_manifest(tag, &published.media_type, published.bytes.clone());
    let elsewhere: Vec<&Descriptor> = published.layers.iter().filter(|layer| !layer.urls.is_empty()).collect();
    if !elsewhere.is_empty() {
        match send().await {
            Ok(()) => return Ok(()),
            // The registry would say so each time.
            Err(error) if error.misses_blob() => {
                let answer = error.to_string();
                if let Some(layer) = elsewhere.into_iter().find(|layer| answer.contains(layer.digest.as_str())) {
                    return Err(PushError::Elsewhere { layer: layer.digest.clone(), reason: Box::new(error) });
                }
            }
            Err(error) => tracing::debug!("tag `{tag}` is tried again: {error}"),
        }
    }
    Ok(retry(send).await?)
}

/// The report of an image that all tags have already, or that the registry has under its digest where there are none.
/// The events tell the same.
pub(super) fn unchanged(
    progress: &Arc<dyn Progress>,
    target: &Target,
    tags: Vec<Tag>,
    published: &Published,
) -> Report {
    let name = target.image.name();
    for tag in &tags {
        progress.event(Event::Unchanged { image: format!("{name}:{tag}").into() });
    }
    if tags.is_empty() {
        progress.event(Event::Unchanged { image: format!("{name}@{}", published.digest()).into() });
    }
    Report::unchanged(target, tags, published)
}

/// Tells the user of a manifest that the registry took (201) and that could not be checked.
pub(super) fn tell(name: &str, confirmation: Confirmation) {
    match confirmation {
        Confirmation::Confirmed => {}
        Confirmation::Unseen => tracing::warn!(
            "`{name}` is pushed, but the registry does not show it yet: it may take a while until others see it"
        ),
        Confirmation::Refused => tracing::warn!(
            "`{name}` is pushed, but could not be checked: the registry doesn't answer the question for its manifest"
        ),
    }
}
