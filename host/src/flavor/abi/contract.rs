//! A version of the contract, as the host sees it: which components speak it, what it offers them, and its functions.
//!
//! A further version is a module beside `v0_1` that implements [`Contract`], and an entry in the list of `abi`.

use futures_util::future::BoxFuture;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

use super::answer::Answer;
use crate::flavor::model::{
    AcceptedUri, ConnectorContext, CredentialContext, Description, FlavorCredential, IdentityClaims, Instruction,
    ListedManifest, Page, Prepared, PushContext, RegistryContext, ServiceKey, WrappedKey,
};
use crate::flavor::sandbox::SandboxState;
use crate::image::{Digest, RegistryUri, Repository, Tag};

/// The contract's package, as the names of imports and exports begin.
pub(super) const PACKAGE: &str = "crhost:flavor/";

/// The interface that every flavor exports, up to its version, which is the version of the contract.
pub(super) const FLAVOR_INTERFACE: &str = "crhost:flavor/flavor@";

/// One version of the contract.
pub(super) struct ContractVersion {
    /// Whether a component that exports this version speaks it.
    pub(super) speaks: fn(&semver::Version) -> bool,
    /// The newest release of it that this host has. A component may export or import a newer one, as long as it needs
    /// nothing that was added there.
    pub(super) release: semver::Version,
    /// The interfaces of the contract that a flavor may import.
    pub(super) imports: &'static [&'static str],
    /// Offers these interfaces.
    pub(super) add_to_linker: fn(&mut Linker<SandboxState>) -> wasmtime::Result<()>,
    /// Compares the exports of a component with the contract's types, and gives its functions. No code of the component
    /// runs.
    pub(super) bind: Bind,
}

/// See [`ContractVersion::bind`].
pub(super) type Bind =
    fn(&Engine, &Linker<SandboxState>, &Component, &semver::Version) -> wasmtime::Result<Box<dyn Contract>>;

/// The functions of a component that was found to be a flavor. Each call instantiates it anew in the store that it is
/// given.
pub(in crate::flavor) trait Contract: Send + Sync {
    /// The description of the flavor.
    fn describe<'a>(&'a self, store: &'a mut Store<SandboxState>) -> BoxFuture<'a, Answer<Description>>;

    /// Whether a URI names a registry of the flavor's kind.
    fn validate_uri<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        uri: &'a str,
    ) -> BoxFuture<'a, Answer<AcceptedUri>>;

    /// Checks, or makes, the things that must exist before an image is pushed.
    fn prepare_image_push<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: PushContext<'a>,
    ) -> BoxFuture<'a, Answer<Prepared>>;

    /// Credentials for the image's repository, or without an image for the whole registry.
    fn credentials<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Answer<FlavorCredential>>;

    /// The identity behind a connector; none if the flavor does not export the interface `identity`.
    fn identify<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<String>>>;

    /// The registries that a connector can reach; none if the flavor does not export the interface `resources`.
    fn list_resources<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<Vec<RegistryUri>>>>;

    /// The description with the requests of the interface `cleanup`; unchanged if the flavor does not export it.
    fn describe_cleanup<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>>;

    /// The description with the fields of the interface `id-tokens`; unchanged if the flavor does not export it.
    fn describe_id_tokens<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>>;

    /// The description with the programs of the interface `commands`; unchanged if the flavor does not export it.
    fn describe_commands<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>>;

    /// What the user has to set up so that id tokens with these claims are accepted; none as above.
    fn explain_trust<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
        claims: &'a IdentityClaims,
    ) -> BoxFuture<'a, Answer<Option<Vec<Instruction>>>>;

    /// A part of the list of repositories; none if the flavor does not export the interface `cleanup`.
    fn list_repositories<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        page: Option<String>,
    ) -> BoxFuture<'a, Answer<Option<Page<Repository>>>>;

    /// A part of the list of a repository's manifests; none as above.
    fn list_tags<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        page: Option<String>,
    ) -> BoxFuture<'a, Answer<Option<Page<ListedManifest>>>>;

    /// Deletes a manifest; none as above.
    fn delete_manifest<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Answer<Option<()>>>;

    /// Deletes a tag alone; none as above.
    fn delete_tag<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> BoxFuture<'a, Answer<Option<()>>>;

    /// A new key of a service; none if the flavor does not export the interface `key-wrapping`.
    fn make_key<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<WrappedKey>>>;

    /// A key that the service wrapped; none as above.
    fn unwrap_key<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        wrapped: &'a str,
    ) -> BoxFuture<'a, Answer<Option<ServiceKey>>>;
}
