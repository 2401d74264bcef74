//! Version 0.1 of the contract: `exports` has the functions of a flavor, `imports` those that a flavor may call,
//! `lower` and `lift` convert their parameters and results.

pub(super) mod bindings;
pub(super) mod bounds;
mod cleanup;
mod commands;
mod credential;
pub(super) mod description;
mod exports;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod id_tokens;
mod imports;
mod join;
mod key_wrapping;
#[cfg(test)]
mod largest_arguments;
mod lift;
mod lower;
pub(super) mod operation;
mod optional;
mod received_secrets;

use wasmtime::component::{HasSelf, Linker};

pub(super) use bindings::exports::crhost::flavor::flavor::{Operation, OptionKind, OptionSpec, Parameter};
pub(super) use optional::{function_of, interface};

use super::contract::ContractVersion;
use crate::flavor::sandbox::SandboxState;

#[cfg(any(test, fuzzing))]
pub(in crate::flavor) use fuzzing::fuzz_lifting;

/// Version 0.1.
pub(super) const VERSION: ContractVersion = ContractVersion {
    speaks,
    release: semver::Version::new(0, 1, 1),
    imports: &["clock", "http", "log", "received-secrets", "secrets", "types"],
    add_to_linker,
    bind: exports::bind,
};

/// Any release of 0.1: within it, the host only adds to what it offers.
fn speaks(version: &semver::Version) -> bool {
    (version.major, version.minor) == (0, 1) && version.pre.is_empty() && version.build.is_empty()
}

fn add_to_linker(linker: &mut Linker<SandboxState>) -> wasmtime::Result<()> {
    bindings::Guest::add_to_linker::<SandboxState, HasSelf<SandboxState>>(linker, |state| state)?;
    join::add_to_linker(linker)?;
    received_secrets::add_to_linker(linker)
}
