//! The lists that a registry gives: its repositories, and the tags of one of them.

use std::collections::HashSet;
use std::path::Path;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use super::error::InspectError;
use super::inspector::Inspector;
use super::tags::{Filter, Order, sort};
use crate::cleanup::{self, Cleanup};
use crate::distribution::{self, ManifestHead, ManifestName};
use crate::image::{Digest, Reference, Tag};
use crate::registry::{Destination, RemoteName};
use crate::retrying::{CONCURRENT_REQUESTS, all_pages, retry};
use crate::session::{Services, Session};
use crate::source::layout_names;
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

/// The tags of a repository, filtered and sorted: as the registry lists them, and where it refuses to, as its flavor
/// does.
///
/// # Errors
/// If there is no such repository, or the registry refuses and the flavor does not list them.
pub(crate) async fn tags(
    services: &Services<'_>,
    session: &mut Session<'_>,
    filter: &Filter,
    order: Order,
) -> Result<Vec<Tag>, InspectError> {
    let repository = session.repository.clone();
    let found = session.renewing(async { all_pages(&repository.tags()).await }).await;
    let mut tags = match found {
        Ok(tags) => tags,
        Err(error) => {
            let by_flavor = match &error {
                distribution::Error::Status(_) => tags_by_flavor(services, session).await,
                _ => None,
            };
            match by_flavor {
                Some(tags) => tags,
                None if error.is_not_found() => {
                    let image = &session.target.image;
                    let (repository, host) = (image.name().into(), Escaped::of(image.host()));
                    return Err(InspectError::NoRepository { repository, host });
                }
                None => return Err(session.explain(error).into()),
            }
        }
    };
    // A page that overlaps the one before it lists the same again.
    let mut seen = HashSet::new();
    tags.retain(|tag| filter.admits(tag.as_str()) && seen.insert(tag.clone()));
    sort(&mut tags, Tag::as_str, order);
    Ok(tags)
}

/// The tags as the registry's flavor lists them. A failure is told at the level debug: the registry's refusal, which is
/// shown, says more.
async fn tags_by_flavor(services: &Services<'_>, session: &Session<'_>) -> Option<Vec<Tag>> {
    let listed = match Cleanup::of(services, session).await {
        Ok(cleanup) => cleanup.list_by_flavor().await,
        Err(error) => Err(error),
    };
    let failed = listed.inspect_err(|error| tracing::debug!("the flavor does not list the tags: {error}"));
    Some(failed.ok()??.tags.into_keys().collect())
}

/// The tags of an OCI layout on this machine, filtered and sorted. A name that has no tag is none of them.
///
/// # Errors
/// If there is no layout.
pub(crate) async fn tags_of_layout(
    path: &Path,
    filter: &Filter,
    order: Order,
    digests: bool,
) -> Result<Vec<Listed>, InspectError> {
    let directory = path.to_owned();
    let found = tokio::task::spawn_blocking(move || layout_names(&directory)).await;
    let found = found.map_err(|panicked| InspectError::Thread(panicked.to_string().into()))??;
    let mut listed: Vec<Listed> = found
        .into_iter()
        .filter_map(|(name, digest)| {
            let tag = name.parse().ok().or_else(|| name.parse::<Reference>().ok()?.tag().cloned());
            let Some(tag) = tag else {
                tracing::debug!("a name in the layout has no tag: {}", Escaped::new(&name, 200));
                return None;
            };
            let name = format!("oci:{}:{name}", path.display());
            Some(Listed { name, tag, digest: digests.then_some(digest) })
        })
        .filter(|listed| filter.admits(listed.tag.as_str()))
        .collect();
    sort(&mut listed, |listed: &Listed| listed.tag.as_str(), order);
    Ok(listed)
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
        let tags = tags(self.services, &mut session, filter, order).await?;
        let digests = match digests {
            true => digests_of(&mut session, &tags).await?,
            false => vec![None; tags.len()],
        };
        let name = session.target.image.name();
        let listed = tags.into_iter().zip(digests);
        Ok(listed.map(|(tag, digest)| Listed { name: format!("{name}:{tag}"), tag, digest }).collect())
    }

    /// The names of a registry's repositories with its host, filtered and sorted by what is behind the host: those at
    /// or below the path of its URI. Its flavor lists them where it can: a catalog has what it has for all users, or
    /// nothing.
    ///
    /// # Errors
    /// If neither lists them.
    pub(crate) async fn repositories(
        &self,
        registry: &Destination,
        filter: &Filter,
        order: Order,
    ) -> Result<Vec<String>, InspectError> {
        let located = self.services.locate_registry(registry).await?;
        let found = cleanup::repositories(self.services, &located, self.insecure).await.map_err(Box::new)?;
        let wanted = found.iter().filter(|one| filter.admits(one.as_str()));
        let mut names: Vec<String> = wanted.map(ToString::to_string).collect();
        sort(&mut names, String::as_str, order);
        Ok(names.into_iter().map(|name| format!("{}/{name}", located.registry.uri.host())).collect())
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
