//! Which images are copied: tags become digests before anything is read, so that a tag that moves in between leaves no
//! mixture behind.

use futures_util::stream::{self, StreamExt as _};

use super::error::CopyError;
use super::filter::TagFilter;
use super::reading::Reading;
use crate::distribution::RepositoryClient;
use crate::image::{Digest, Reference, Tag};
use crate::inspect;
use crate::remote::RemoteError;
use crate::retrying::{CONCURRENT_REQUESTS, all_pages};

/// An image, by its digest at the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// The digest.
    pub(super) digest: Digest,
    /// Its tags at the source that were meant.
    pub(super) from: Vec<Tag>,
    /// Its tags at the target.
    pub(super) tags: Vec<Tag>,
}

/// The images of several tags.
pub(super) struct Items {
    /// Each once, in the order of their first tags.
    pub(super) items: Vec<Item>,
    /// What is not copied, with its tags at the source.
    pub(super) failures: Vec<(Vec<Tag>, CopyError)>,
    /// All tags of the repository; absent where they did not have to be listed.
    pub(super) listed: Option<Vec<Tag>>,
}

/// All tags of a repository.
///
/// # Errors
/// Where the list can't be read to its end, or is empty.
async fn list(repository: &RepositoryClient) -> Result<Vec<Tag>, CopyError> {
    match all_pages(&repository.tags()).await {
        Ok(listed) if listed.is_empty() => Err(CopyError::NoTags(name_of(repository).into())),
        Err(error) if error.is_not_found() => Err(CopyError::NoRepository(Box::new(error.into()))),
        listed => Ok(listed.map_err(RemoteError::from)?),
    }
}

/// A repository's name with its host.
fn name_of(repository: &RepositoryClient) -> String {
    format!("{}/{}", repository.host(), repository.repository())
}

/// The tags that a filter means, and all of the repository where they are listed: always if `lists`.
///
/// # Errors
/// Where the list can't be read to its end, or no tag is meant.
pub(super) async fn chosen(
    repository: &RepositoryClient,
    filter: &TagFilter,
    lists: bool,
) -> Result<(Vec<Tag>, Option<Vec<Tag>>), CopyError> {
    if let Some(tags) = filter.literals().filter(|_| !lists) {
        return Ok((tags, None));
    }
    let name = || name_of(repository).into();
    let listed = list(repository).await?;
    if let Some(missing) = filter.missing(&listed).next() {
        return Err(CopyError::NoTag { repository: name(), tag: missing.into() });
    }
    let tags = filter.select(&listed);
    match tags.is_empty() {
        true => Err(CopyError::NoMatch { repository: name(), tags: listed.len() }),
        false => Ok((tags, Some(listed))),
    }
}

/// The images of all tags that a filter means.
///
/// # Errors
/// As for [`chosen`].
pub(super) async fn of_tags(
    repository: &RepositoryClient,
    filter: &TagFilter,
    lists: bool,
) -> Result<Items, CopyError> {
    let (tags, listed) = chosen(repository, filter, lists).await?;
    let count = tags.len();
    let own: Vec<Tag> = tags.into_iter().filter(|tag| filter.is_own(tag)).collect();
    if own.is_empty() && count > 0 {
        return Ok(Items { items: Vec::new(), failures: Vec::new(), listed });
    }
    let digests = own.into_iter().map(|tag| async move { (digest_of(repository, &tag).await, tag) });
    let mut digests = stream::iter(digests).buffered(CONCURRENT_REQUESTS);
    let (mut items, mut failures): (Vec<Item>, _) = (Vec::new(), Vec::new());
    while let Some((digest, tag)) = digests.next().await {
        match digest {
            Ok(digest) => match items.iter_mut().find(|item| item.digest == digest) {
                Some(item) => {
                    item.from.push(tag.clone());
                    item.tags.push(tag);
                }
                None => items.push(Item { digest, from: vec![tag.clone()], tags: vec![tag] }),
            },
            Err(error) => failures.push((vec![tag], error)),
        }
    }
    // Whole tags were named, and none is there: the repository may have none at all.
    if items.is_empty()
        && listed.is_none()
        && let Err(error) = list(repository).await
        && error.is_without_tags()
    {
        return Err(error);
    }
    Ok(Items { items, failures, listed })
}

/// The image that the names of an order mean.
///
/// # Errors
/// Where the source does not have it.
pub(super) async fn of_names(reading: &Reading<'_>, from: &Reference, to: &Reference) -> Result<Items, CopyError> {
    let repository = &reading.repository;
    let (digest, typed) = match from.digest() {
        Some(digest) => {
            let found = inspect::digest_of(repository, digest).await.map_err(RemoteError::from)?;
            found.ok_or_else(|| reading.missing(digest))?;
            (digest.clone(), None)
        }
        None => {
            let tag = from.tag().cloned().unwrap_or_else(Tag::latest);
            (digest_of(repository, &tag).await?, Some(tag))
        }
    };
    // A target that is named by a digest alone gets no tag.
    let kept = from.tag().or(typed.as_ref()).filter(|_| to.digest().is_none());
    let tags = to.tag().or(kept).cloned().into_iter().collect();
    let item = Item { digest, from: typed.into_iter().collect(), tags };
    Ok(Items { items: vec![item], failures: Vec::new(), listed: None })
}

/// The digest that a tag stands for now.
///
/// # Errors
/// Where the repository has no such tag, and any refusal.
pub(super) async fn digest_of(repository: &RepositoryClient, tag: &Tag) -> Result<Digest, CopyError> {
    let found = inspect::digest_of(repository, tag).await.map_err(RemoteError::from)?;
    found.ok_or_else(|| CopyError::NoTag { repository: name_of(repository).into(), tag: tag.to_string().into() })
}
