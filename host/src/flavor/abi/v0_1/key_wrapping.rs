//! The optional interface `key-wrapping`, which 0.1.1 added: found by its name, in the version of the flavor's own.

use wasmtime::component::types as item;
use wasmtime::component::{ComponentType, Lift, Resource};
use wasmtime::{Engine, Store};
use zeroize::Zeroizing;

use super::bindings::GuestPre;
use super::bindings::crhost::flavor::types;
use super::optional::{Exported, call};
use super::{bounds, lift, lower};
use crate::flavor::abi::answer::{Answer, Outcome};
use crate::flavor::cause::OutputError;
use crate::flavor::limits;
use crate::flavor::model::{RegistryContext, ServiceKey, WrappedKey};
use crate::flavor::sandbox::SandboxState;
use crate::flavor::secrets::Secret;

/// The interface, up to its version.
const INTERFACE: &str = "crhost:flavor/key-wrapping@";

/// `wrapped-key`
#[derive(ComponentType, Lift)]
#[component(record)]
struct WitWrappedKey {
    /// The key.
    key: Resource<Secret>,
    /// What gives it again.
    wrapped: String,
    /// The service's key.
    by: String,
}

/// Parameters.
type Make = (types::Registry, Option<types::Connector>);
type Unwrap = (types::Registry, Option<types::Connector>, String);

/// Results.
type Made = (Result<WitWrappedKey, types::Failure>,);
type Unwrapped = (Result<Resource<Secret>, types::Failure>,);

/// The interface of one flavor, by the full name of its export, if it has it.
pub(super) struct KeyWrapping(Option<String>);

impl KeyWrapping {
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
        exported.check::<Make, Made>("make-key")?;
        exported.check::<Unwrap, Unwrapped>("unwrap-key")?;
        Ok(Self(Some(exported.name)))
    }

    /// A new key; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn make(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: RegistryContext<'_>,
    ) -> Answer<Option<WrappedKey>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let parameters: Make = lower::registry_context(store, context)?;
        let (answer,): Made = call(guest, &mut *store, export, "make-key", parameters).await?;
        Ok(lift::outcome(answer, |WitWrappedKey { key, wrapped, by }| {
            let key = taken(store.data_mut(), key)?;
            if wrapped.is_empty() || wrapped.len() > limits::WRAPPED_KEY_BYTES || wrapped.chars().any(char::is_control)
            {
                let most = limits::WRAPPED_KEY_BYTES;
                return Err(OutputError::expected(
                    "wrapped key",
                    &wrapped,
                    format_args!("expected 1 to {most} bytes of text"),
                ));
            }
            Ok(Some(WrappedKey { key, wrapped, by: bounds::text(&by).into() }))
        }))
    }

    /// A key that was wrapped; none without the interface.
    ///
    /// # Errors
    /// When the guest traps.
    pub(super) async fn unwrap(
        &self,
        guest: &GuestPre<SandboxState>,
        store: &mut Store<SandboxState>,
        context: RegistryContext<'_>,
        wrapped: &str,
    ) -> Answer<Option<ServiceKey>> {
        let Some(export) = &self.0 else { return Ok(Outcome::Value(None)) };
        let (registry, connector) = lower::registry_context(store, context)?;
        let parameters: Unwrap = (registry, connector, wrapped.to_owned());
        let (answer,): Unwrapped = call(guest, &mut *store, export, "unwrap-key", parameters).await?;
        Ok(lift::outcome(answer, |key| taken(store.data_mut(), key).map(Some)))
    }
}

/// The key of a handle. One that the guest made of what it knows, or of the connector's secrets, protects nothing.
fn taken(state: &mut SandboxState, handle: Resource<Secret>) -> Result<ServiceKey, OutputError> {
    let secret = state.table.delete(handle).map_err(|_| OutputError::handle())?;
    let key = secret.value().first_chunk().filter(|_| secret.value().len() == ServiceKey::BYTES);
    match key.filter(|_| secret.is_received()) {
        Some(key) => Ok(ServiceKey(Zeroizing::new(*key))),
        None => Err(OutputError::key()),
    }
}
