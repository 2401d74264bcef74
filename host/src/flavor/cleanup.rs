//! Calls of the optional interface `cleanup`, whose requests no other call may send.

use wasmtime::Store;

use super::error::CallError;
use super::handle::Flavor;
use super::model::{ListedManifest, Page, RegistryContext};
use super::reach::Reach;
use super::sandbox::SandboxState;
use crate::image::{Digest, Repository, Tag};

impl Flavor {
    /// A part of the list of the registry's repositories; none if the flavor does not list them.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn list_repositories(
        &self,
        context: RegistryContext<'_>,
        page: Option<&str>,
    ) -> Result<Option<Page<Repository>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.list_repositories(store, context, page.map(ToOwned::to_owned)).await
        };
        self.call_at_registry("list-repositories", context, Reach::Cleanup, call).await
    }

    /// A part of the list of a repository's manifests; none if the flavor does not list them.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn list_tags(
        &self,
        context: RegistryContext<'_>,
        repository: &Repository,
        page: Option<&str>,
    ) -> Result<Option<Page<ListedManifest>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.list_tags(store, context, repository, page.map(ToOwned::to_owned)).await
        };
        self.call_at_registry("list-tags", context, Reach::Cleanup, call).await
    }

    /// Deletes a manifest with its tags; none if the flavor does not delete.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn delete_manifest(
        &self,
        context: RegistryContext<'_>,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<()>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.delete_manifest(store, context, repository, digest).await
        };
        self.call_at_registry("delete-manifest", context, Reach::Cleanup, call).await
    }

    /// Deletes a tag alone; none if the flavor does not delete.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn delete_tag(
        &self,
        context: RegistryContext<'_>,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<()>, CallError> {
        let call =
            async |store: &mut Store<SandboxState>| self.contract.delete_tag(store, context, repository, tag).await;
        self.call_at_registry("delete-tag", context, Reach::Cleanup, call).await
    }
}
