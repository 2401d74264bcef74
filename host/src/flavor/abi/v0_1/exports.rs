//! The functions of a flavor: their types checked before any code runs, and their calls.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::bindings::crhost::flavor::types;
use super::bindings::exports::crhost::flavor::flavor as wit;
use super::bindings::{Guest, GuestPre};
use super::cleanup::Cleanup;
use super::commands::Commands;
use super::id_tokens::IdTokens;
use super::key_wrapping::KeyWrapping;
use super::optional::{OptionalInterfaces, function_of, interface};
use super::{credential, description, lift, lower};
use crate::flavor::abi::answer::{Answer, Outcome};
use crate::flavor::abi::contract::{Contract, FLAVOR_INTERFACE};
use crate::flavor::model::{
    AcceptedUri, ConnectorContext, CredentialContext, Description, FlavorCredential, IdentityClaims, Instruction,
    ListedManifest, Page, Prepared, PushContext, RegistryContext, ServiceKey, WrappedKey,
};
use crate::flavor::sandbox::SandboxState;
use crate::image::{Digest, RegistryUri, Repository, Tag};

/// The parameters of `prepare-image-push`.
type PushParameters<'a> = (&'a types::Registry, Option<&'a types::Connector>, &'a types::Image);

/// The parameters of `credentials`.
type CredentialParameters<'a> =
    (&'a types::Registry, Option<&'a types::Connector>, wit::Purpose, Option<&'a types::Image>);

/// A flavor of version 0.1.
struct Exports {
    guest: GuestPre<SandboxState>,
    optional: OptionalInterfaces,
    cleanup: Cleanup,
    id_tokens: IdTokens,
    commands: Commands,
    key_wrapping: KeyWrapping,
}

/// Compares the types of a component's exports with the contract's. The bindings would do so only on an instance, when
/// code of the component has run already.
///
/// # Errors
/// When an import or export has another type than the contract's.
pub(super) fn bind(
    engine: &Engine,
    linker: &Linker<SandboxState>,
    component: &Component,
    version: &semver::Version,
) -> wasmtime::Result<Box<dyn Contract>> {
    let instance = linker.instantiate_pre(component)?;
    let component = linker.substituted_component_type(component)?;
    let types = component.instance_type();
    let flavor: Option<ComponentItem> = interface(engine, &component, &format!("{FLAVOR_INTERFACE}{version}"));
    let function = |name: &str| {
        function_of(engine, flavor.as_ref(), name).ok_or_else(|| wasmtime::format_err!("`{name}` is not exported"))
    };
    let describe = function("describe")?;
    describe.typecheck::<(), (wit::Description,)>(&types).context("`describe`")?;
    let validate = function("validate-uri")?;
    validate.typecheck::<(&str,), (Result<wit::AcceptedUri, types::Failure>,)>(&types).context("`validate-uri`")?;
    let prepare = function("prepare-image-push")?;
    prepare
        .typecheck::<PushParameters<'_>, (Result<wit::Prepared, types::Failure>,)>(&types)
        .context("`prepare-image-push`")?;
    let credentials = function("credentials")?;
    credentials
        .typecheck::<CredentialParameters<'_>, (Result<wit::Credential, types::Failure>,)>(&types)
        .context("`credentials`")?;
    let optional = OptionalInterfaces::find(engine, &component, version)?;
    let cleanup = Cleanup::find(engine, &component, version)?;
    let id_tokens = IdTokens::find(engine, &component, version)?;
    let commands = Commands::find(engine, &component, version)?;
    let key_wrapping = KeyWrapping::find(engine, &component, version)?;
    let guest = GuestPre::new(instance)?;
    Ok(Box::new(Exports { guest, optional, cleanup, id_tokens, commands, key_wrapping }))
}

impl Exports {
    async fn instance(&self, store: &mut Store<SandboxState>) -> wasmtime::Result<Guest> {
        self.guest.instantiate_async(store).await
    }
}

impl Contract for Exports {
    fn describe<'a>(&'a self, store: &'a mut Store<SandboxState>) -> BoxFuture<'a, Answer<Description>> {
        async move {
            let instance = self.instance(store).await?;
            let described = instance.crhost_flavor_flavor().call_describe(store).await?;
            Ok(description::description(described).into())
        }
        .boxed()
    }

    fn validate_uri<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        uri: &'a str,
    ) -> BoxFuture<'a, Answer<AcceptedUri>> {
        async move {
            let instance = self.instance(store).await?;
            let answer = instance.crhost_flavor_flavor().call_validate_uri(store, uri).await?;
            Ok(lift::outcome(answer, lift::accepted_uri))
        }
        .boxed()
    }

    fn prepare_image_push<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: PushContext<'a>,
    ) -> BoxFuture<'a, Answer<Prepared>> {
        async move {
            let instance = self.instance(store).await?;
            let (registry, connector, image) = lower::push_context(store, context)?;
            let flavor = instance.crhost_flavor_flavor();
            let answer = flavor.call_prepare_image_push(store, &registry, connector.as_ref(), &image).await?;
            Ok(lift::outcome(answer, lift::prepared))
        }
        .boxed()
    }

    fn credentials<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Answer<FlavorCredential>> {
        async move {
            let instance = self.instance(store).await?;
            let (registry, connector, image) = lower::credential_context(store, context)?;
            let flavor = instance.crhost_flavor_flavor();
            let (connector, purpose) = (connector.as_ref(), lower::purpose(context.purpose));
            let answer = flavor.call_credentials(&mut *store, &registry, connector, purpose, image.as_ref()).await?;
            Ok(match answer {
                Ok(given) => credential::credential(store.data_mut(), given),
                Err(failure) => Outcome::Refused(lift::failure(failure)),
            })
        }
        .boxed()
    }

    fn identify<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<String>>> {
        self.optional.identify(&self.guest, store, context).boxed()
    }

    fn list_resources<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<Vec<RegistryUri>>>> {
        self.optional.list_resources(&self.guest, store, context).boxed()
    }

    fn describe_cleanup<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>> {
        self.cleanup.describe(&self.guest, store, described).boxed()
    }

    fn describe_id_tokens<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>> {
        self.id_tokens.describe(&self.guest, store, described).boxed()
    }

    fn describe_commands<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        described: Description,
    ) -> BoxFuture<'a, Answer<Description>> {
        self.commands.describe(&self.guest, store, described).boxed()
    }

    fn explain_trust<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: ConnectorContext<'a>,
        claims: &'a IdentityClaims,
    ) -> BoxFuture<'a, Answer<Option<Vec<Instruction>>>> {
        self.id_tokens.explain_trust(&self.guest, store, context, claims).boxed()
    }

    fn list_repositories<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        page: Option<String>,
    ) -> BoxFuture<'a, Answer<Option<Page<Repository>>>> {
        self.cleanup.list_repositories(&self.guest, store, context, page).boxed()
    }

    fn list_tags<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        page: Option<String>,
    ) -> BoxFuture<'a, Answer<Option<Page<ListedManifest>>>> {
        self.cleanup.list_tags(&self.guest, store, context, repository, page).boxed()
    }

    fn delete_manifest<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        digest: &'a Digest,
    ) -> BoxFuture<'a, Answer<Option<()>>> {
        self.cleanup.delete(&self.guest, store, context, repository, "delete-manifest", digest.as_str()).boxed()
    }

    fn delete_tag<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> BoxFuture<'a, Answer<Option<()>>> {
        self.cleanup.delete(&self.guest, store, context, repository, "delete-tag", tag.as_str()).boxed()
    }

    fn make_key<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
    ) -> BoxFuture<'a, Answer<Option<WrappedKey>>> {
        self.key_wrapping.make(&self.guest, store, context).boxed()
    }

    fn unwrap_key<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        context: RegistryContext<'a>,
        wrapped: &'a str,
    ) -> BoxFuture<'a, Answer<Option<ServiceKey>>> {
        self.key_wrapping.unwrap(&self.guest, store, context, wrapped).boxed()
    }
}
