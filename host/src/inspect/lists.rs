//! The lists that a registry gives: its repositories, and the tags of one of them.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::error::{InspectError, NoCatalog};
use super::inspector::Inspector;
use super::tags::{Filter, Order, sort};
use crate::distribution::{self, ManifestHead, ManifestName};
use crate::image::{Digest, Repository, Tag};
use crate::registry::{Destination, RemoteName};
use crate::retrying::{CONCURRENT_REQUESTS, all_pages, retry};
use crate::session::{Session, SessionError};
use crate::text::Escaped;

/// A tag in a list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Listed {
    /// The whole name of the image, `host/repository:tag`.
    pub(crate) name: String,
    /// The tag.
    pub(crate) tag: Tag,
    /// The digest that it names, where digests were asked for; absent if it was deleted meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<Digest>,
}

/// The tags of a repository, filtered and sorted.
///
/// # Errors
/// If there is no such repository, or the registry refuses.
pub(crate) async fn tags(session: &mut Session<'_>, filter: &Filter, order: Order) -> Result<Vec<Tag>, InspectError> {
    let repository = session.repository.clone();
    let found = session.renewing(async { all_pages(&repository.tags()).await }).await;
    let mut tags = match found {
        Ok(tags) => tags,
        Err(error) if error.is_not_found() => {
            let (repository, host) = (session.target.image.name().into(), Escaped::of(session.target.image.host()));
            return Err(InspectError::NoRepository { repository, host });
        }
        Err(error) => return Err(session.explain(error).into()),
    };
    // A page that overlaps the one before it lists the same again.
    let mut seen = HashSet::new();
    tags.retain(|tag| filter.admits(tag.as_str()) && seen.insert(tag.clone()));
    sort(&mut tags, Tag::as_str, order);
    Ok(tags)
}

impl Inspector<'_> {
    /// The tags of a repository, with their digests if `digests` says so, which takes a request for each.
    ///
    /// # Errors
    /// As for [`tags`].
    pub(crate) async fn tags(
        &self,
        name: &RemoteName,
        filter: &Filter,
        order: Order,
        digests: bool,
    ) -> Result<Vec<Listed>, InspectError> {
        let mut session = self.repository(name).await?;
        let tags = tags(&mut session, filter, order).await?;
        let digests = match digests {
            true => digests_of(&mut session, &tags).await?,
            false => vec![None; tags.len()],
        };
        let name = session.target.image.name();
        let listed = tags.into_iter().zip(digests);
        Ok(listed.map(|(tag, digest)| Listed { name: format!("{name}:{tag}"), tag, digest }).collect())
    }

    /// The names of a registry's repositories with its host, filtered and sorted by what is behind the host: those at
    /// or below the path of its URI.
    ///
    /// # Errors
    /// If the registry does not list them.
    pub(crate) async fn repositories(
        &self,
        registry: &Destination,
        filter: &Filter,
        order: Order,
    ) -> Result<Vec<String>, InspectError> {
        let located = self.services.locate_registry(registry).await?;
        let uri = &located.registry.uri;
        let refused = |reason: SessionError| {
            InspectError::NoCatalog(Box::new(NoCatalog { host: Escaped::of(uri.host()), reason }))
        };
        let session = self.services.open_registry(&located, self.insecure).await?;
        let found =
            all_pages(&session.registry.repositories()).await.map_err(|error| refused(session.explain(error)))?;
        let path = uri.path().map_or("", Repository::as_str);
        let is_meant = |repository: &Repository| path.is_empty() || repository.is_within(path);
        let mut seen = HashSet::new();
        let wanted = found.iter().filter(|one| is_meant(one) && filter.admits(one.as_str()) && seen.insert(*one));
        let mut names: Vec<String> = wanted.map(ToString::to_string).collect();
        sort(&mut names, String::as_str, order);
        Ok(names.into_iter().map(|name| format!("{}/{name}", uri.host())).collect())
    }
}

/// What a tag names now.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The digest of the manifest or index.
    pub(crate) digest: Digest,
    /// Its media type, where the registry tells.
    pub(crate) media_type: Option<String>,
}

/// What tags name now, in their order; nothing for one that was deleted meanwhile.
///
/// # Errors
/// If the registry refuses.
pub(crate) async fn heads_of(session: &mut Session<'_>, tags: &[Tag]) -> Result<Vec<Option<Head>>, InspectError> {
    let repository = session.repository.clone();
    let ask = |tag: &Tag| {
        let (repository, tag) = (repository.clone(), tag.clone());
        async move { head_of(&repository, (&tag).into()).await }
    };
    let asked = stream::iter(tags.iter().map(ask)).buffered(CONCURRENT_REQUESTS).try_collect::<Vec<_>>();
    let found = session.renewing(asked).await;
    Ok(found.map_err(|error| session.explain(error))?)
}

/// The digests that tags name now, in their order; none for one that was deleted meanwhile.
///
/// # Errors
/// If the registry refuses.
pub(crate) async fn digests_of(session: &mut Session<'_>, tags: &[Tag]) -> Result<Vec<Option<Digest>>, InspectError> {
    let heads = heads_of(session, tags).await?;
    Ok(heads.into_iter().map(|head| head.map(|head| head.digest)).collect())
}

/// The digest of what a tag or a digest names; `None` where there is nothing.
///
/// # Errors
/// If the registry refuses.
pub(crate) async fn digest_of<'a>(
    repository: &distribution::RepositoryClient,
    name: impl Into<ManifestName<'a>>,
) -> Result<Option<Digest>, distribution::Error> {
    Ok(head_of(repository, name.into()).await?.map(|head| head.digest))
}

/// What a name names: as the registry says, or by its bytes where it doesn't tell the digest, or doesn't answer HEAD.
async fn head_of(
    repository: &distribution::RepositoryClient,
    name: ManifestName<'_>,
) -> Result<Option<Head>, distribution::Error> {
    match retry(|| repository.head_manifest(name)).await {
        Ok(None) => return Ok(None),
        Ok(Some(ManifestHead { digest: Some(digest), media_type, .. })) => {
            return Ok(Some(Head { digest, media_type }));
        }
        // HEAD has no body that says why; the answer to GET has.
        Ok(Some(_)) | Err(distribution::Error::Status(_) | distribution::Error::Protocol { .. }) => {}
        Err(error) => return Err(error),
    }
    let found = retry(|| repository.manifest(name)).await?;
    Ok(found.map(|found| Head { digest: found.digest, media_type: Some(found.media_type) }))
}
