//! The versions of the contract that this host speaks, each in a module that only converts.

mod answer;
mod closed;
mod contract;
mod policy;
mod v0_1;
mod wasi;

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

pub(super) use answer::{Answer, Outcome};
pub(super) use contract::Contract;
use contract::{ContractVersion, FLAVOR_INTERFACE, PACKAGE};
pub(super) use policy::PolicyContract;

use super::binary::{self, Interfaces};
use super::error::AdmissionError;
use super::sandbox::SandboxState;
use crate::text::Escaped;
use policy::ADMISSION_INTERFACE;

#[cfg(any(test, fuzzing))]
pub(super) use v0_1::fuzz_lifting;

/// The versions of the contract that this host speaks.
static VERSIONS: [ContractVersion; 1] = [v0_1::VERSION];

/// The releases of the contract that this host speaks.
pub(crate) fn contracts() -> impl Iterator<Item = semver::Version> {
    VERSIONS.iter().map(|version| version.release.clone())
}

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

/// Checks the names of a component's imports and exports, and gives the version of the contract that it exports.
/// Nothing is compiled for that.
///
/// # Errors
/// When it exports no version of the contract that this host speaks, or imports what the host does not offer.
pub(super) fn check_names(component: &Interfaces) -> Result<semver::Version, AdmissionError> {
    let (version, _) = version_of(component)?;
    check_imports(component).map(|()| version)
}

/// The same for a component that has to be a policy.
///
/// # Errors
/// When it exports no version of the interface that this host speaks, or imports what the host does not offer.
pub(super) fn check_policy_names(component: &Interfaces) -> Result<semver::Version, AdmissionError> {
    let version = policy_version_of(component)?;
    check_imports(component).map(|()| version)
}

/// Checks that all imports are offered.
fn check_imports(component: &Interfaces) -> Result<(), AdmissionError> {
    match component.imports.iter().find(|import| !is_offered(import)) {
        Some(import) => Err(newer([import]).unwrap_or_else(|| AdmissionError::Import(Escaped::new(import, 200)))),
        None => Ok(()),
    }
}

/// The version of the contract that a component exports.
///
/// # Errors
/// As for [`check_names`].
pub(super) fn contract_of(component: &[u8]) -> Result<semver::Version, AdmissionError> {
    check_names(&binary::interfaces(component)?)
}

/// Checks all of a compiled component that can be checked before it runs: the types of its imports and exports.
///
/// # Errors
/// When it is no flavor that this host can run.
pub(super) fn bind(
    engine: &Engine,
    linker: &Linker<SandboxState>,
    component: &Component,
    names: &Interfaces,
) -> Result<(semver::Version, Box<dyn Contract>), AdmissionError> {
    let (exported, version) = version_of(names)?;
    let bound = || {
        let mut linker = linker.clone();
        closed::add_to_linker(&mut linker, engine, component)?;
        (version.bind)(engine, &linker, component, &exported)
    };
    let contract = bound().map_err(|error| newer(&names.imports).unwrap_or_else(|| AdmissionError::types(&error)))?;
    Ok((exported, contract))
}

/// The same for a component that has to be a policy.
///
/// # Errors
/// When it is no policy that this host can run.
pub(super) fn bind_policy(
    engine: &Engine,
    linker: &Linker<SandboxState>,
    component: &Component,
    names: &Interfaces,
) -> Result<(semver::Version, Box<dyn PolicyContract>), AdmissionError> {
    let version = policy_version_of(names)?;
    let bound = || {
        let mut linker = linker.clone();
        closed::add_to_linker(&mut linker, engine, component)?;
        policy::bind(engine, &linker, component, &version)
    };
    let contract = bound().map_err(|error| newer(&names.imports).unwrap_or_else(|| AdmissionError::types(&error)))?;
    Ok((version, contract))
}

/// The version of the contract that a policy exports.
fn policy_version_of(component: &Interfaces) -> Result<semver::Version, AdmissionError> {
    let is_flavor = || component.exports.iter().any(|name| name.starts_with(FLAVOR_INTERFACE));
    let exported = component.exports.iter().filter_map(|name| name.strip_prefix(ADMISSION_INTERFACE)?.parse().ok());
    let (known, unknown): (Vec<semver::Version>, Vec<_>) =
        exported.partition(|version| VERSIONS.iter().any(|known| (known.speaks)(version)));
    match (known.as_slice(), unknown.into_iter().max()) {
        ([version], _) => Ok(version.clone()),
        ([one, another, ..], _) => Err(AdmissionError::Versions(Escaped::of(one), Escaped::of(another))),
        ([], Some(newest)) => Err(AdmissionError::Version(newest)),
        ([], None) if is_flavor() => Err(AdmissionError::FlavorAsPolicy),
        ([], None) => Err(AdmissionError::NoPolicy),
    }
}

/// The version of the contract to speak with a component, from the names of its exports. It may export versions that
/// this host does not know besides, but only one that it knows.
fn version_of(component: &Interfaces) -> Result<(semver::Version, &'static ContractVersion), AdmissionError> {
    let is_policy = || component.exports.iter().any(|name| name.starts_with(ADMISSION_INTERFACE));
    let exported = component.exports.iter().filter_map(|name| name.strip_prefix(FLAVOR_INTERFACE)?.parse().ok());
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
        (None, _, None) if is_policy() => Err(AdmissionError::PolicyAsFlavor),
        (None, _, None) => Err(other_world(component)),
    }
}

/// What a component is that exports no version of the contract.
fn other_world(component: &Interfaces) -> AdmissionError {
    let exports = &component.exports;
    if exports.iter().any(|name| name.starts_with("wasi:cli/run@")) {
        return AdmissionError::Command;
    }
    // A part of the contract alone, or its name without a version, is no other world.
    match exports.iter().find(|name| !name.starts_with(PACKAGE)) {
        Some(other) => AdmissionError::OtherWorld(Escaped::new(other, 200)),
        None => AdmissionError::NoFlavor,
    }
}

/// The error for imports of a newer release of the contract than this host has, which explains all that does not fit: a
/// release only adds to what the host offers.
fn newer<'a>(imports: impl IntoIterator<Item = &'a String>) -> Option<AdmissionError> {
    imports.into_iter().find_map(|import| {
        let (name, version) = import.split_once('@')?;
        let version: semver::Version = version.parse().ok()?;
        let spoken = VERSIONS.iter().find(|contract| (contract.speaks)(&version))?;
        let is_newer = name.starts_with(PACKAGE) && version > spoken.release;
        is_newer.then(|| AdmissionError::NewerRelease(Escaped::new(import, 200), Escaped::of(&spoken.release)))
    })
}

/// Whether the host offers an interface of this name, in a version that fits.
fn is_offered(import: &str) -> bool {
    let (name, version) = import.split_once('@').unwrap_or((import, ""));
    let Ok(version) = version.parse() else { return false };
    match name.strip_prefix(PACKAGE) {
        Some(interface) => {
            VERSIONS.iter().any(|contract| contract.imports.contains(&interface) && (contract.speaks)(&version))
        }
        None => (wasi::IMPORTS.contains(&name) && wasi::speaks(&version)) || closed::is_offered(name, &version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    fn checked(imports: &[&str]) -> Result<semver::Version, AdmissionError> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        check_names(&Interfaces { imports: owned(imports), exports: owned(&["crhost:flavor/flavor@0.1.1"]) })
    }

    #[test]
    fn an_import_that_is_not_offered_is_refused_by_its_name() {
        let offered = ["crhost:flavor/http@0.1.0", "wasi:random/insecure-seed@0.2.6", "wasi:sockets/tcp@0.2.9"];
        assert_eq!(checked(&offered).unwrap().to_string(), "0.1.1");
        for import in ["wasi:keyvalue/store@0.2.0", "wasi:cli/exit@0.3.0", "run", "crhost:flavor/http"] {
            assert!(matches!(checked(&[import]), Err(AdmissionError::Import(name)) if name == import), "{import}");
        }
    }

    #[test]
    fn an_import_of_a_newer_release_asks_for_a_newer_crhost() {
        let error = checked(&["crhost:flavor/types@0.1.2", "crhost:flavor/metrics@0.1.2"]).unwrap_err();
        assert_eq!(error.to_string(), "it needs `crhost:flavor/metrics@0.1.2`, this crhost has version 0.1.1 of that");
        assert_eq!(error.hint().unwrap(), "update crhost");
        // What the newer release has not added is no reason.
        assert!(checked(&["crhost:flavor/http@0.1.2"]).is_ok());
        assert!(matches!(checked(&["crhost:flavor/metrics@0.1.1"]), Err(AdmissionError::Import(_))));
    }
}
