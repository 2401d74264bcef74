//! Lists and deletions by the flavor, where it has the interface `cleanup`. A server, which is asked in a flavor's
//! place, does neither for others; the registry's own protocol can.

use super::Access;
use super::error::AccessError;
use crate::flavor::{CallError, ConnectorView, Deleted, FailureKind, Flavor, ListedManifest, Page, RegistryContext};
use crate::image::{Digest, Repository, Tag};

impl Access<'_> {
    /// A part of the list of the registry's repositories; `None` where the flavor does not list them.
    ///
    /// # Errors
    /// The flavor's refusal, or its failure, as of all functions here.
    pub(crate) async fn list_repositories(&self, page: Option<&str>) -> Result<Option<Page<Repository>>, AccessError> {
        let Some(flavor) = &self.flavor else { return Ok(None) };
        let lent = self.lent().await?;
        self.supported(flavor, flavor.list_repositories(self.cleanup_context(lent.as_deref()), page).await)
    }

    /// A part of the list of a repository's manifests; `None` where the flavor does not list them.
    ///
    /// # Errors
    /// As for [`list_repositories`](Self::list_repositories).
    pub(crate) async fn list_tags(
        &self,
        repository: &Repository,
        page: Option<&str>,
    ) -> Result<Option<Page<ListedManifest>>, AccessError> {
        let Some(flavor) = &self.flavor else { return Ok(None) };
        let lent = self.lent().await?;
        self.supported(flavor, flavor.list_tags(self.cleanup_context(lent.as_deref()), repository, page).await)
    }

    /// Deletes a manifest with its tags; `None` where the flavor does not delete.
    ///
    /// # Errors
    /// As for [`list_repositories`](Self::list_repositories).
    pub(crate) async fn delete_manifest(
        &self,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<Deleted>, AccessError> {
        let Some(flavor) = &self.flavor else { return Ok(None) };
        let lent = self.lent().await?;
        self.deleted(flavor, flavor.delete_manifest(self.cleanup_context(lent.as_deref()), repository, digest).await)
    }

    /// Deletes a tag alone; `None` where the flavor does not delete.
    ///
    /// # Errors
    /// As for [`list_repositories`](Self::list_repositories).
    pub(crate) async fn delete_tag(&self, repository: &Repository, tag: &Tag) -> Result<Option<Deleted>, AccessError> {
        let Some(flavor) = &self.flavor else { return Ok(None) };
        let lent = self.lent().await?;
        self.deleted(flavor, flavor.delete_tag(self.cleanup_context(lent.as_deref()), repository, tag).await)
    }

    fn cleanup_context<'b>(&'b self, connector: Option<&'b ConnectorView>) -> RegistryContext<'b> {
        RegistryContext { registry: &self.registry, connector }
    }

    /// An answer, or `None` where the flavor says that it can't do this at all.
    pub(super) fn supported<T>(
        &self,
        flavor: &Flavor,
        answer: Result<Option<T>, CallError>,
    ) -> Result<Option<T>, AccessError> {
        self.context.catalog.record_usage(flavor);
        match answer {
            Err(error) if error.failure_kind() == Some(FailureKind::Unsupported) => Ok(None),
            answer => Ok(answer?),
        }
    }

    fn deleted(&self, flavor: &Flavor, answer: Result<Option<()>, CallError>) -> Result<Option<Deleted>, AccessError> {
        match answer {
            Err(error) if error.failure_kind() == Some(FailureKind::NotFound) => {
                self.context.catalog.record_usage(flavor);
                Ok(Some(Deleted::Gone))
            }
            answer => Ok(self.supported(flavor, answer)?.map(|()| Deleted::Now)),
        }
    }
}
