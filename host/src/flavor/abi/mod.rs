//! The versions of the contract that this host speaks, each in a module that only converts.

mod v0_1;
mod wasi;

use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};

use super::error::{AdmissionError, OutputError};
use super::model::{AcceptedUri, Asked, AskedOfConnector, Description, Failure, FlavorCredential, Prepared};
use super::state::State;
use crate::image::RegistryUri;

/// The interface that every flavor exports; its version is the version of the contract.
const FLAVOR: &str = "crhost:flavor/flavor@";
/// The contract's package.
const PACKAGE: &str = "crhost:flavor/";

/// A component that speaks one of the host's versions of the contract, checked and ready to be instantiated.
pub(super) enum Abi {
    V0_1(v0_1::GuestPre<State>, v0_1::Abilities),
}

/// What a call gives: a trap, or an answer that may break the contract's bounds, or the flavor's own refusal, or a value.
pub(super) type Answer<T> = wasmtime::Result<Result<Result<T, Failure>, OutputError>>;

#[cfg(any(test, fuzzing))]
pub(super) use v0_1::fuzz_conversions;

/// Everything that a flavor may import.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    v0_1::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// The version of the contract to speak with a component, from the names of what it exports. It may know others besides, but
/// only one that this host knows: that one is checked and called.
fn version(engine: &Engine, component: &Component) -> Result<semver::Version, AdmissionError> {
    let types = component.component_type();
    let exported = types.exports(engine).filter_map(|(name, _)| name.strip_prefix(FLAVOR)?.parse().ok());
    let (known, unknown): (Vec<_>, Vec<semver::Version>) = exported.partition(v0_1::speaks);
    let mut known = known.into_iter();
    match (known.next(), known.next(), unknown.into_iter().max()) {
        (Some(version), None, _) => Ok(version),
        (Some(one), Some(another), _) => Err(AdmissionError::Versions(one.to_string(), another.to_string())),
        (None, _, Some(newest)) => Err(AdmissionError::Version(newest)),
        (None, _, None) => Err(AdmissionError::NoFlavor),
    }
}

impl Abi {
    /// Checks everything that can be checked before a component runs: its version, its imports, the types of its exports.
    pub(super) fn admit(
        engine: &Engine,
        linker: &Linker<State>,
        component: &Component,
    ) -> Result<(semver::Version, Self), AdmissionError> {
        let version = version(engine, component)?;
        if let Some((name, _)) = component.component_type().imports(engine).find(|(name, _)| !is_offered(name)) {
            return Err(AdmissionError::Import(crate::text::printable(name, 200)));
        }
        let types = |error: wasmtime::Error| AdmissionError::Types(crate::text::printable(&format!("{error:#}"), 300));
        let pre: InstancePre<State> = linker.instantiate_pre(component).map_err(types)?;
        let typed = linker.substituted_component_type(component).map_err(types)?;
        let abilities = v0_1::check_exports(engine, &typed, &version).map_err(types)?;
        Ok((version, Self::V0_1(v0_1::GuestPre::new(pre).map_err(types)?, abilities)))
    }

    pub(super) async fn describe(&self, store: &mut Store<State>) -> Answer<Description> {
        match self {
            Self::V0_1(guest, _) => v0_1::describe(guest, store).await,
        }
    }

    pub(super) async fn validate_uri(&self, store: &mut Store<State>, uri: &str) -> Answer<AcceptedUri> {
        match self {
            Self::V0_1(guest, _) => v0_1::validate_uri(guest, store, uri).await,
        }
    }

    pub(super) async fn prepare_image_push(&self, store: &mut Store<State>, asked: Asked<'_>) -> Answer<Prepared> {
        match self {
            Self::V0_1(guest, _) => v0_1::prepare_image_push(guest, store, asked).await,
        }
    }

    pub(super) async fn credentials(&self, store: &mut Store<State>, asked: Asked<'_>) -> Answer<FlavorCredential> {
        match self {
            Self::V0_1(guest, _) => v0_1::credentials(guest, store, asked).await,
        }
    }

    pub(super) async fn identify(
        &self,
        store: &mut Store<State>,
        asked: AskedOfConnector<'_>,
    ) -> Answer<Option<String>> {
        match self {
            Self::V0_1(guest, abilities) => v0_1::identify(guest, abilities, store, asked).await,
        }
    }

    pub(super) async fn list_resources(
        &self,
        store: &mut Store<State>,
        asked: AskedOfConnector<'_>,
    ) -> Answer<Option<Vec<RegistryUri>>> {
        match self {
            Self::V0_1(guest, abilities) => v0_1::list_resources(guest, abilities, store, asked).await,
        }
    }
}

/// Whether the host offers an interface of this name, in a version that fits.
fn is_offered(import: &str) -> bool {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    let version = version.parse().ok();
    match name.strip_prefix(PACKAGE) {
        Some(interface) => v0_1::IMPORTS.contains(&interface) && version.is_some_and(|v| v0_1::speaks(&v)),
        None => wasi::IMPORTS.contains(&name) && version.is_some_and(|v| wasi::speaks(&v)),
    }
}
