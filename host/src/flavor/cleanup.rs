//! Calls of the optional interface `cleanup`.

use wasmtime::Store;

use super::abi::Answer;
use super::error::CallError;
use super::handle::{Flavor, Lent, known};
use super::model::{CleanupContext, ListedManifest, Page};
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
        context: CleanupContext<'_>,
        page: Option<&str>,
    ) -> Result<Option<Page<Repository>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.list_repositories(store, context, page.map(ToOwned::to_owned)).await
        };
        self.call_cleanup("list-repositories", context, call).await
    }

    /// A part of the list of a repository's manifests; none if the flavor does not list them.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn list_tags(
        &self,
        context: CleanupContext<'_>,
        repository: &Repository,
        page: Option<&str>,
    ) -> Result<Option<Page<ListedManifest>>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.list_tags(store, context, repository, page.map(ToOwned::to_owned)).await
        };
        self.call_cleanup("list-tags", context, call).await
    }

    /// Deletes a manifest with its tags; none if the flavor does not delete.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn delete_manifest(
        &self,
        context: CleanupContext<'_>,
        repository: &Repository,
        digest: &Digest,
    ) -> Result<Option<()>, CallError> {
        let call = async |store: &mut Store<SandboxState>| {
            self.contract.delete_manifest(store, context, repository, digest).await
        };
        self.call_cleanup("delete-manifest", context, call).await
    }

    /// Deletes a tag alone; none if the flavor does not delete.
    ///
    /// # Errors
    /// As for [`Flavor::validate_uri`].
    pub(crate) async fn delete_tag(
        &self,
        context: CleanupContext<'_>,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<Option<()>, CallError> {
        let call =
            async |store: &mut Store<SandboxState>| self.contract.delete_tag(store, context, repository, tag).await;
        self.call_cleanup("delete-tag", context, call).await
    }

    /// A call of the interface `cleanup`, whose requests no other call may send.
    async fn call_cleanup<T>(
        &self,
        function: &'static str,
        context: CleanupContext<'_>,
        call: impl AsyncFn(&mut Store<SandboxState>) -> Answer<T>,
    ) -> Result<T, CallError> {
        let lent = Lent {
            connector: context.connector,
            known: known(context.registry),
            policy: &|| self.registry_policy(context.registry, context.connector, Reach::Cleanup),
        };
        self.call_service(function, lent, call).await
    }
}
