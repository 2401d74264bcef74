//! The optional interfaces: found by their names, with the version that the flavor's own interface has.

use wasmtime::component::types as item;
use wasmtime::component::{ComponentNamedList, Lift};
use wasmtime::error::Context as _;
use wasmtime::{Engine, Store};

use super::{GuestPre, convert, interface, member, types};
use crate::flavor::abi::Answer;
use crate::flavor::model::AskedOfConnector;
use crate::flavor::state::State;

/// A question about a connector: its values, and those of options.
type Question<'a> = (&'a types::Connector, &'a [(String, String)]);
type Identified = (Result<String, types::Failure>,);
type Listed = (Result<Vec<String>, types::Failure>,);

/// Names of an optional interface and of its only function.
struct Ability {
    interface: &'static str,
    function: &'static str,
}

const IDENTITY: Ability = Ability { interface: "crhost:flavor/identity@", function: "identify" };
const RESOURCES: Ability = Ability { interface: "crhost:flavor/resources@", function: "list-resources" };

/// The optional interfaces that a flavor exports, by the full names of their exports.
pub(in crate::flavor) struct Abilities {
    identity: Option<String>,
    resources: Option<String>,
}

impl Abilities {
    /// Those of a component, once their types are found to be the contract's.
    pub(super) fn find(
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Self> {
        Ok(Self {
            identity: IDENTITY.find::<Identified>(engine, component, version)?,
            resources: RESOURCES.find::<Listed>(engine, component, version)?,
        })
    }
}

impl Ability {
    fn find<R: ComponentNamedList + Lift>(
        &self,
        engine: &Engine,
        component: &item::Component,
        version: &semver::Version,
    ) -> wasmtime::Result<Option<String>> {
        let name = format!("{}{version}", self.interface);
        let Some(found) = interface(engine, component, &name) else { return Ok(None) };
        let function = member(engine, Some(&found), self.function)
            .ok_or_else(|| wasmtime::format_err!("`{}` is not exported", self.function))?;
        let checked = function.typecheck::<Question<'_>, R>(&component.instance_type());
        checked.with_context(|| format!("`{}`", self.function))?;
        Ok(Some(name))
    }

    /// Calls the function of an exported interface; none if the flavor does not export it.
    async fn call<R: ComponentNamedList + Lift + Send + Sync + 'static>(
        &self,
        guest: &GuestPre<State>,
        store: &mut Store<State>,
        export: &str,
        asked: AskedOfConnector<'_>,
    ) -> wasmtime::Result<R> {
        let instance = guest.instance_pre().instantiate_async(&mut *store).await?;
        let missing = || wasmtime::format_err!("`{export}` is not exported");
        let interface = instance.get_export_index(&mut *store, None, export).ok_or_else(missing)?;
        let function = instance.get_export_index(&mut *store, Some(&interface), self.function).ok_or_else(missing)?;
        let function =
            instance.get_typed_func::<(types::Connector, Vec<(String, String)>), R>(&mut *store, &function)?;
        let connector = convert::connector(store, asked.connector)?;
        function.call_async(&mut *store, (connector, asked.options.to_vec())).await
    }
}

/// Asks who a connector is; none if the flavor can't tell.
pub(in crate::flavor::abi) async fn identify(
    guest: &GuestPre<State>,
    abilities: &Abilities,
    store: &mut Store<State>,
    asked: AskedOfConnector<'_>,
) -> Answer<Option<String>> {
    let Some(export) = &abilities.identity else { return Ok(Ok(Ok(None))) };
    let (answer,): Identified = IDENTITY.call(guest, store, export, asked).await?;
    Ok(convert::answer(answer, |name| Ok(Some(convert::text(&name)))))
}

/// Asks what a connector can reach; none if the flavor can't list.
pub(in crate::flavor::abi) async fn list_resources(
    guest: &GuestPre<State>,
    abilities: &Abilities,
    store: &mut Store<State>,
    asked: AskedOfConnector<'_>,
) -> Answer<Option<Vec<crate::image::RegistryUri>>> {
    let Some(export) = &abilities.resources else { return Ok(Ok(Ok(None))) };
    let (answer,): Listed = RESOURCES.call(guest, store, export, asked).await?;
    Ok(convert::answer(answer, |uris| convert::resources(uris).map(Some)))
}
