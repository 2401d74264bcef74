//! The versions of the contract that this host speaks, each in a module that only converts.

mod answer;
mod contract;
mod v0_1;
mod wasi;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

pub(super) use answer::{Answer, Outcome};
pub(super) use contract::Contract;
use contract::{ContractVersion, FLAVOR_INTERFACE, PACKAGE};

use super::error::AdmissionError;
use super::sandbox::SandboxState;
use crate::text::Escaped;

#[cfg(any(test, fuzzing))]
pub(super) use v0_1::fuzz_lifting;

/// The versions of the contract that this host speaks.
static VERSIONS: [ContractVersion; 1] = [v0_1::VERSION];

/// Everything that a flavor may import.
///
/// # Errors
/// When the runtime refuses a definition, which no input can bring about.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<SandboxState>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    for version in &VERSIONS {
        (version.add_to_linker)(&mut linker)?;
    }
    Ok(linker)
}

/// Checks all of a component that can be checked before it runs: its version, its imports, the types of its exports.
///
/// # Errors
/// When it is no flavor that this host can run.
pub(super) fn admit(
    engine: &Engine,
    linker: &Linker<SandboxState>,
    component: &Component,
) -> Result<(semver::Version, Box<dyn Contract>), AdmissionError> {
    let (exported, version) = version_of(engine, component)?;
    if let Some((name, _)) = component.component_type().imports(engine).find(|(name, _)| !is_offered(name)) {
        return Err(AdmissionError::Import(Escaped::new(name, 200)));
    }
    let bound = (version.bind)(engine, linker, component, &exported);
    let contract = bound.map_err(|error| AdmissionError::Types(Escaped::new(&format!("{error:#}"), 300)))?;
    Ok((exported, contract))
}

/// The version of the contract to speak with a component, from the names of its exports. It may export versions that
/// this host does not know besides, but only one that it knows.
fn version_of(
    engine: &Engine,
    component: &Component,
) -> Result<(semver::Version, &'static ContractVersion), AdmissionError> {
    let types = component.component_type();
    let exported = types.exports(engine).filter_map(|(name, _)| name.strip_prefix(FLAVOR_INTERFACE)?.parse().ok());
    let (mut known, mut newest_unknown) = (Vec::new(), None);
    for version in exported {
        match VERSIONS.iter().find(|known| (known.speaks)(&version)) {
            Some(contract) => known.push((version, contract)),
            None => newest_unknown = newest_unknown.max(Some(version)),
        }
    }
    let mut known = known.into_iter();
    match (known.next(), known.next(), newest_unknown) {
        (Some(found), None, _) => Ok(found),
        (Some((one, _)), Some((another, _)), _) => {
            Err(AdmissionError::Versions(Escaped::of(one), Escaped::of(another)))
        }
        (None, _, Some(newest)) => Err(AdmissionError::Version(newest)),
        (None, _, None) => Err(AdmissionError::NoFlavor),
    }
}

/// Whether the host offers an interface of this name, in a version that fits.
fn is_offered(import: &str) -> bool {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    let Ok(version) = version.parse() else { return false };
    match name.strip_prefix(PACKAGE) {
        Some(interface) => {
            VERSIONS.iter().any(|contract| contract.imports.contains(&interface) && (contract.speaks)(&version))
        }
        None => wasi::IMPORTS.contains(&name) && wasi::speaks(&version),
    }
}
