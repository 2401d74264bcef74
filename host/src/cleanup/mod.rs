//! Lists and deletions in a registry: by its flavor where that has the interface `cleanup`, else by the registry's own
//! protocol. The caller need not know which.

mod error;
mod limits;
mod repositories;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use error::CleanupError;
pub(crate) use repositories::repositories;

use limits::MAX_PARTS;

use crate::access::{Access, AccessError};
use crate::distribution::{self, ManifestName, RepositoryClient};
pub(crate) use crate::flavor::Deleted;
use crate::flavor::ListedManifest;
use crate::image::{Digest, Tag};
use crate::registry::Target;
use crate::retrying::{all_pages, retry};
use crate::session::{Services, Session, SessionError};
use crate::text::Escaped;

/// One repository, to be listed and to be deleted from.
pub(crate) struct Cleanup<'a> {
    access: Access<'a>,
    repository: RepositoryClient,
    target: Target,
    /// The flavor deletes no manifests, as far as is known.
    no_manifests: AtomicBool,
    /// The flavor deletes no tags, as far as is known.
    no_tags: AtomicBool,
}

/// What a repository has, as it is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The tags; with digests where the list tells.
    pub(crate) tags: BTreeMap<Tag, Option<Digest>>,
    /// The manifests whose digests the list tells, those without tags included if it has them.
    pub(crate) manifests: BTreeMap<Digest, Listed>,
}

/// What a list tells of a manifest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Bytes of it and of all that it names.
    pub(crate) size: Option<u64>,
    /// When it was last pushed, in Unix seconds by the registry's clock.
    pub(crate) pushed_at: Option<u64>,
}

impl<'a> Cleanup<'a> {
    /// The repository of an open session.
    ///
    /// # Errors
    /// When the registry's flavor can't be loaded, or its connector can't be used.
    pub(crate) async fn of(services: &'a Services<'_>, session: &Session<'_>) -> Result<Self, CleanupError> {
        let target = session.target.clone();
        let access = access(services, &target).await.map_err(SessionError::from)?;
        let (no_manifests, no_tags) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { access, repository: session.repository.clone(), target, no_manifests, no_tags })
    }

    /// The repository as the registry's own protocol shows it.
    #[must_use]
    pub(crate) fn repository(&self) -> &RepositoryClient {
        &self.repository
    }

    /// All tags of the repository, and its manifests without tags where the flavor lists them.
    ///
    /// # Errors
    /// When the registry does not list tags. A flavor's failure is none: the registry's own list says less, and nothing
    /// that is wrong.
    pub(crate) async fn list(&self) -> Result<Listing, CleanupError> {
        match self.list_by_flavor().await {
            Ok(Some(listing)) => return Ok(listing),
            Ok(None) => {}
            Err(CleanupError::Access(error)) => {
                let flavor = &self.target.registry.flavor;
                tracing::warn!("the registry's own list is used, without times and untagged manifests: {error}");
                tracing::debug!("flavor `{flavor}` did not list `{}`", self.target.image);
            }
            Err(error) => return Err(error),
        }
        let tags = match all_pages(&self.repository.tags()).await {
            Err(error) if error.is_not_found() => {
                let (host, repository) = (Escaped::of(self.repository.host()), self.repository.repository().clone());
                return Err(CleanupError::NoRepository { host, repository });
            }
            tags => tags?,
        };
        Ok(Listing { tags: tags.into_iter().map(|tag| (tag, None)).collect(), ..Listing::default() })
    }

    /// All tags of the repository as the flavor lists them; `None` where it does not.
    ///
    /// # Errors
    /// When the flavor fails, or its list has no end.
    pub(crate) async fn list_by_flavor(&self) -> Result<Option<Listing>, CleanupError> {
        let mut listing = Listing::default();
        let mut next: Option<String> = None;
        for _ in 0..MAX_PARTS {
            let page = self.access.list_tags(self.repository.repository(), next.as_deref()).await?;
            let Some(page) = page else { return Ok(None) };
            page.left_out.iter().for_each(|name| tracing::debug!("the flavor lists what is no tag or digest: {name}"));
            page.entries.into_iter().for_each(|entry| listing.add(entry));
            match page.next {
                // A flavor that gives the same part again would go on for ever.
                Some(following) if next.as_ref() != Some(&following) => next = Some(following),
                Some(_) => break,
                None => return Ok(Some(listing)),
            }
        }
        Err(CleanupError::Endless { what: "tags", flavor: self.target.registry.flavor.clone().into() })
    }

    /// Deletes a manifest with all of its tags.
    ///
    /// # Errors
    /// When neither the flavor nor the registry does. One that is gone already is no error.
    pub(crate) async fn delete_manifest(&self, digest: &Digest) -> Result<Deleted, CleanupError> {
        if !self.no_manifests.load(Ordering::Relaxed) {
            match self.access.delete_manifest(self.repository.repository(), digest).await? {
                Some(deleted) => return Ok(deleted),
                None => self.no_manifests.store(true, Ordering::Relaxed),
            }
        }
        let answer = retry(|| self.repository.delete_manifest(digest)).await;
        self.deleted(digest.into(), answer).await
    }

    /// Deletes a tag alone. Some registries delete the manifest with the last of its tags.
    ///
    /// # Errors
    /// As for [`delete_manifest`](Self::delete_manifest).
    pub(crate) async fn delete_tag(&self, tag: &Tag) -> Result<Deleted, CleanupError> {
        if !self.no_tags.load(Ordering::Relaxed) {
            match self.access.delete_tag(self.repository.repository(), tag).await? {
                Some(deleted) => return Ok(deleted),
                None => self.no_tags.store(true, Ordering::Relaxed),
            }
        }
        let answer = retry(|| self.repository.delete_manifest(tag)).await;
        self.deleted(tag.into(), answer).await
    }

    /// Deletes a manifest with all of its tags: these first where the registry deletes none that has some, and these
    /// alone where only tags can be deleted.
    ///
    /// # Errors
    /// As for [`delete_manifest`](Self::delete_manifest).
    pub(crate) async fn delete_with_tags(&self, digest: &Digest, tags: &[&Tag]) -> Result<Deleted, CleanupError> {
        match self.delete_manifest(digest).await {
            Err(error) if !tags.is_empty() && error.is_of_manifest() => {
                for tag in tags {
                    if self.delete_tag(tag).await.is_err() {
                        return Err(error);
                    }
                }
                match error {
                    CleanupError::NoDelete { .. } => Ok(Deleted::Now),
                    // With the last of its tags the manifest may be gone as well.
                    _ => self.delete_manifest(digest).await.map(|_| Deleted::Now),
                }
            }
            result => result,
        }
    }

    async fn deleted(
        &self,
        manifest: ManifestName<'_>,
        answer: Result<(), distribution::Error>,
    ) -> Result<Deleted, CleanupError> {
        let is_there = match &answer {
            // Some registries say so of what they do not let be deleted.
            Err(error) if error.is_not_found() => self.repository.head_manifest(manifest).await?.is_some(),
            _ => false,
        };
        match answer {
            Ok(()) => Ok(Deleted::Now),
            Err(error) if error.is_not_found() && !is_there => Ok(Deleted::Gone),
            Err(error) if error.is_unsupported() || is_there || refuses_tags(manifest, &error) => {
                Err(CleanupError::NoDelete {
                    registry: self.repository.host().to_string().into(),
                    repository: self.repository.repository().clone(),
                    flavor: self.target.registry.flavor.clone().into(),
                    reason: error.to_string().into(),
                })
            }
            Err(error) => Err(match self.access.explain(error) {
                Ok(explained) => explained.into(),
                Err(error) => error.into(),
            }),
        }
    }
}

impl Listing {
    fn add(&mut self, ListedManifest { digest, tags, size, pushed_at }: ListedManifest) {
        for tag in tags {
            let known = self.tags.entry(tag).or_default();
            if digest.is_some() {
                known.clone_from(&digest);
            }
        }
        if let Some(digest) = digest {
            let known = self.manifests.entry(digest).or_default();
            known.size = known.size.max(size);
            // Listed once for each tag: the newest push counts.
            known.pushed_at = known.pushed_at.max(pushed_at);
        }
    }
}

/// Whether a registry that deletes no tag alone says so: by 405, or by 400 (OCI distribution specification, "Deleting
/// tags").
fn refuses_tags(manifest: ManifestName<'_>, error: &distribution::Error) -> bool {
    let is_invalid =
        matches!(error, distribution::Error::Status(error) if error.status == http::StatusCode::BAD_REQUEST);
    is_invalid && matches!(manifest, ManifestName::Tag(_))
}

/// Access to a target's registry, for its flavor.
async fn access<'a>(services: &'a Services<'_>, target: &Target) -> Result<Access<'a>, AccessError> {
    match target.registered {
        true => Access::to(services.access(), &target.registry).await,
        false => Access::unregistered(services.access(), &target.registry).await,
    }
}
