//! The optional interface `cleanup`, which 0.1.1 added: found by its name, in the version of the flavor's own.

use std::collections::HashSet;

use wasmtime::component::types as item;
use wasmtime::component::{ComponentType, Lift};
use wasmtime::{Engine, Store};

use super::bindings::GuestPre;
use super::bindings::crhost::flavor::types;
use super::bindings::exports::crhost::flavor::flavor as wit;
use super::optional::{Exported, call, extended};
use super::{bounds, description, lift, lower, operation};
use crate::flavor::abi::answer::{Answer, Outcome};
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{Description, ListedManifest, Page, RegistryContext};
use crate::flavor::sandbox::SandboxState;
use crate::image::{Digest, Repository, Tag};

/// The interface, up to its version.
const INTERFACE: &str = "crhost:flavor/cleanup@";

/// `cleanup-operations`
#[derive(ComponentType, Lift)]
#[component(record)]
struct CleanupOperations {
    /// Connector type and name of the auth method.
    #[component(name = "auth-method")]
    auth_method: Option<(String, String)>,
    /// The requests.
    operations: Vec<wit::Operation>,
}

/// `repository-page`
#[derive(ComponentType, Lift)]
#[component(record)]
struct RepositoryPage {
    /// Paths below the host.
    repositories: Vec<String>,
    /// What gives the next part.
    next: Option<String>,
}

/// `listed-manifest`
#[derive(ComponentType, Lift)]
#[component(record)]
struct WitManifest {
    /// Its digest.
    digest: Option<String>,
    /// Its tags.
    tags: Vec<String>,
    /// Its size.
    size: Option<u64>,
    /// When it was pushed.
    #[component(name = "pushed-at")]
    pushed_at: Option<u64>,
}

/// `tag-page`
#[derive(ComponentType, Lift)]
#[component(record)]
struct TagPage {
    /// The manifests.
    manifests: Vec<WitManifest>,
    /// What gives the next part.
    next: Option<String>,
}

/// Parameters of all functions but `describe-cleanup`: the registry and its connector, and up to two texts.
type ListRepositories = (types::Registry, Option<types::Connector>, Option<String>);
type ListTags = (types::Registry, Option<types::Connector>, String, Option<String>);
type Delete = (types::Registry, Option<types::Connector>, String, String);

/// Results.
type Described = (Vec<CleanupOperations>,);
type Repositories = (Result<RepositoryPage, types::Failure>,);
type Tags = (Result<TagPage, types::Failure>,);
type Deleted = (Result<(), types::Failure>,);

/// The interface of one flavor, by the full name of its export, if it has it.
pub(super) struct Cleanup(Option<String>);

impl Cleanup {
    /// That of a component.
    ///
    /// # Errors
    /// When one of its functions has another type than the contract's.
    pub(super) fn find(
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Self> {
        let Some(exported) = Exported::find(engine, component, INTERFACE, version) else { return Ok(Self(None)) };
        exported.check::<(), Described>("describe-cleanup")?;
        exported.check::<ListRepositories, Repositories>("list-repositories")?;
        exported.check::<ListTags, Tags>("list-tags")?;
        exported.check::<Delete, Deleted>("delete-manifest")?;
        exported.check::<Delete, Deleted>("delete-tag")?;
        Ok(Self(Some(exported.name)))
    }

    /// A description with what this interface declares.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn describe(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        described: Description,
    ) -> Answer<Description> {
        extended((self.0.as_deref(), "describe-cleanup"), guest, store, described, with_operations).await
    }

    /// A part of the list of repositories; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn list_repositories(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: RegistryContext<'_>,
        page: Option<String>,
    ) -> Answer<Option<Page<Repository>>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let (registry, connector) = lower::registry_context(store, context)?;
        let parameters: ListRepositories = (registry, connector, page);
        let (answer,): Repositories = call(guest, store, export, "list-repositories", parameters).await?;
        Ok(lift::outcome(answer, |RepositoryPage { repositories, next }| {
            bounded("repositories", repositories.len())?;
            Ok(Some(Page::read(repositories, next.map(bounded_page).transpose()?)))
        }))
    }

    /// A part of the list of manifests; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn list_tags(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: RegistryContext<'_>,
        repository: &Repository,
        page: Option<String>,
    ) -> Answer<Option<Page<ListedManifest>>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let (registry, connector) = lower::registry_context(store, context)?;
        let parameters: ListTags = (registry, connector, repository.to_string(), page);
        let (answer,): Tags = call(guest, store, export, "list-tags", parameters).await?;
        Ok(lift::outcome(answer, |page| manifests(page).map(Some)))
    }

    /// Deletes a manifest or a tag; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn delete(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: RegistryContext<'_>,
        repository: &Repository,
        function: &'static str,
        name: &str,
    ) -> Answer<Option<()>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let (registry, connector) = lower::registry_context(store, context)?;
        let parameters: Delete = (registry, connector, repository.to_string(), name.to_owned());
        let (answer,): Deleted = call(guest, store, export, function, parameters).await?;
        Ok(lift::outcome(answer, |()| Ok(Some(()))))
    }
}

fn bounded(what: &'static str, entries: usize) -> Result<(), OutputError> {
    match entries {
        entries if entries > limits::PAGE_ENTRIES => Err(OutputError::too_many(what, entries, limits::PAGE_ENTRIES)),
        _ => Ok(()),
    }
}

/// What the next part of a list is asked for with.
fn bounded_page(page: String) -> Result<String, OutputError> {
    match page.len() {
        length if length > limits::PAGE_BYTES => Err(OutputError::too_long("page", length, limits::PAGE_BYTES)),
        _ => Ok(page),
    }
}

fn manifests(page: TagPage) -> Result<Page<ListedManifest>, OutputError> {
    bounded("manifests", page.manifests.len())?;
    let (mut entries, mut left_out) = (Vec::with_capacity(page.manifests.len()), Vec::new());
    for WitManifest { digest, tags, size, pushed_at } in page.manifests {
        bounded("tags", tags.len())?;
        let digest: Option<Result<Digest, _>> = digest.as_deref().map(str::parse);
        let Page { entries: tags, left_out: invalid, .. } = Page::<Tag>::read(tags, None);
        left_out.extend(invalid);
        match digest.transpose() {
            Ok(digest) => entries.push(ListedManifest { digest, tags, size, pushed_at }),
            // Of an algorithm that crhost can't compute, such as sha512: it is not touched.
            Err(error) => left_out.push(crate::text::Escaped::of(error)),
        }
    }
    Ok(Page { entries, next: page.next.map(bounded_page).transpose()?, left_out })
}

/// Enters the operations where they belong.
fn with_operations(mut to: Description, declared: Vec<CleanupOperations>) -> Result<Description, OutputError> {
    let mut seen = HashSet::new();
    for CleanupOperations { auth_method, operations } in bounds::bounded("auth methods", declared)? {
        let shown = auth_method.as_ref().map(|(connector_type, name)| format!("{connector_type}/{name}"));
        let shown = shown.unwrap_or_else(|| "requests without secrets".to_owned());
        if !seen.insert(shown.clone()) {
            return Err(OutputError::repeated("clean-up operations", &crate::text::printable(&shown, 200)));
        }
        let Some((connector_type, name)) = auth_method else {
            to.cleanup_operations = operation::without_secrets(operation::of_cleanup(operations)?)?;
            continue;
        };
        let Some(method) = to.auth_method_mut(&connector_type, &name) else {
            return Err(OutputError::expected("auth method", &shown, "expected one that `describe` gives"));
        };
        let operations = operation::of_cleanup(operations)?;
        description::check_secrets(&operations, &method.fields)?;
        let is_known = |name: &String| method.operations.iter().any(|operation| operation.name == *name);
        if let Some(operation) = operations.iter().find(|operation| is_known(&operation.name)) {
            return Err(OutputError::repeated("operations", &operation.name));
        }
        method.cleanup_operations = operations;
    }
    description::check(&to).map(|()| to)
}
