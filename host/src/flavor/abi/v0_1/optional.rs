//! The optional interfaces: found by their names, in the version of the flavor's own interface.

use wasmtime::component::types::{self as item, ComponentItem};
use wasmtime::component::{ComponentNamedList, Lift, Lower};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::bindings::GuestPre;
use super::bindings::crhost::flavor::types;
use super::{bounds, lift, lower};
use crate::flavor::abi::answer::{Answer, Outcome};
use crate::flavor::cause::OutputError;
use crate::flavor::model::{ConnectorContext, Description};
use crate::flavor::sandbox::SandboxState;
use crate::image::RegistryUri;

/// The parameters of both functions: a connector, and values of options.
type Parameters<'a> = (&'a types::Connector, &'a [(String, String)]);
/// The result of `identify`.
type Identity = (Result<String, types::Failure>,);
/// The result of `list-resources`.
type Resources = (Result<Vec<String>, types::Failure>,);

/// The names of an optional interface and of its only function.
struct OptionalInterface {
    interface: &'static str,
    function: &'static str,
}

const IDENTITY: OptionalInterface = OptionalInterface { interface: "crhost:flavor/identity@", function: "identify" };
const RESOURCES: OptionalInterface =
    OptionalInterface { interface: "crhost:flavor/resources@", function: "list-resources" };

/// The optional interfaces that a flavor exports, by the full names of their exports.
pub(super) struct OptionalInterfaces {
    identity: Option<String>,
    resources: Option<String>,
}

/// An exported interface.
pub(in crate::flavor::abi) fn interface(
    engine: &Engine,
    component: &item::Component,
    name: &str,
) -> Option<ComponentItem> {
    component.get_export(engine, name).map(|export| export.ty)
}

/// A function of an exported interface.
pub(in crate::flavor::abi) fn function_of(
    engine: &Engine,
    interface: Option<&ComponentItem>,
    name: &str,
) -> Option<item::ComponentFunc> {
    let Some(ComponentItem::ComponentInstance(interface)) = interface else { return None };
    match interface.get_export(engine, name)?.ty {
        ComponentItem::ComponentFunc(function) => Some(function),
        _ => None,
    }
}

/// An optional interface that a component exports.
pub(super) struct Exported<'a> {
    engine: &'a Engine,
    component: &'a item::Component,
    interface: ComponentItem,
    /// The full name of the export.
    pub(super) name: String,
}

impl<'a> Exported<'a> {
    /// That of a name up to its version, in this version; none if the component lacks it.
    pub(super) fn find(
        engine: &'a Engine,
        component: &'a item::Component,
        interface_name: &str,
        version: &semver::Version,
    ) -> Option<Self> {
        let name = format!("{interface_name}{version}");
        interface(engine, component, &name).map(|interface| Self { engine, component, interface, name })
    }

    /// Checks that it has a function, and that the function is of the contract's type.
    ///
    /// # Errors
    /// When that is not so.
    pub(super) fn check<P, R>(&self, function: &str) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let found = function_of(self.engine, Some(&self.interface), function);
        let found = found.ok_or_else(|| wasmtime::format_err!("`{function}` is not exported"))?;
        found.typecheck::<P, R>(&self.component.instance_type()).with_context(|| format!("`{function}`"))
    }
}

/// Calls a function of the interface that is exported as `export`.
pub(super) async fn call<P, R>(
    guest: &GuestPre<SandboxState>,
    store: &mut Store<SandboxState>,
    export: &str,
    name: &str,
    parameters: P,
) -> wasmtime::Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let instance = guest.instance_pre().instantiate_async(&mut *store).await?;
    let missing = || wasmtime::format_err!("`{export}` is not exported");
    let interface = instance.get_export_index(&mut *store, None, export).ok_or_else(missing)?;
    let function = instance.get_export_index(&mut *store, Some(&interface), name).ok_or_else(missing)?;
    let function = instance.get_typed_func::<P, R>(&mut *store, &function)?;
    function.call_async(&mut *store, parameters).await
}

/// A description with what `function` of the interface that is exported as `export` declares, joined by `join`; as it
/// is without the interface.
///
/// # Errors
/// When the guest traps.
pub(super) async fn extended<D>(
    (export, function): (Option<&str>, &str),
    guest: &GuestPre<SandboxState>,
    store: &mut Store<SandboxState>,
    described: Description,
    join: fn(Description, Vec<D>) -> Result<Description, OutputError>,
) -> Answer<Description>
where
    D: Lift + Send + Sync + 'static,
{
    let Some(export) = export else { return Ok(Outcome::Value(described)) };
    let (declared,): (Vec<D>,) = call(guest, store, export, function, ()).await?;
    Ok(join(described, declared).into())
}

impl OptionalInterfaces {
    /// Those of a component.
    ///
    /// # Errors
    /// When one of them has another type than the contract's.
    pub(super) fn find(
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Self> {
        Ok(Self {
            identity: IDENTITY.find::<Identity>(engine, component, version)?,
            resources: RESOURCES.find::<Resources>(engine, component, version)?,
        })
    }

    /// The identity behind a connector; none if the flavor does not export the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn identify(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: ConnectorContext<'_>,
    ) -> Answer<Option<String>> {
        let Some(export) = &self.identity else { return Ok(Outcome::Value(None)) };
        let (answer,): Identity = IDENTITY.call(guest, store, export, context).await?;
        Ok(lift::outcome(answer, |name| Ok(Some(bounds::text(&name).into()))))
    }

    /// The registries that a connector can reach; none if the flavor does not export the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn list_resources(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: ConnectorContext<'_>,
    ) -> Answer<Option<Vec<RegistryUri>>> {
        let Some(export) = &self.resources else { return Ok(Outcome::Value(None)) };
        let (answer,): Resources = RESOURCES.call(guest, store, export, context).await?;
        Ok(lift::outcome(answer, |uris| lift::resources(uris).map(Some)))
    }
}

impl OptionalInterface {
    /// The full name of the export, if a component has it.
    fn find<R: ComponentNamedList + Lift>(
        &self,
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Option<String>> {
        let Some(exported) = Exported::find(engine, component, self.interface, version) else { return Ok(None) };
        exported.check::<Parameters<'_>, R>(self.function)?;
        Ok(Some(exported.name))
    }

    /// Calls the function of the interface that is exported as `export`.
    async fn call<R: ComponentNamedList + Lift + Send + Sync + 'static>(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        export: &str,
        context: ConnectorContext<'_>,
    ) -> wasmtime::Result<R> {
        let connector = lower::connector(store, context.connector)?;
        call(guest, store, export, self.function, (connector, context.options.to_vec())).await
    }
}
