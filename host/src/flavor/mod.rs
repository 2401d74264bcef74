//! Flavors: WebAssembly components that each know one kind of registry.
//!
//! This module admits and runs them, and holds them to the contract and to [`limits`]. It trusts no answer of a flavor,
//! and knows neither pushes nor registries, Docker or the store. `abi` has the functions that a flavor may call; its
//! requests go through the module `egress`.

mod abi;
mod admission;
mod binary;
pub(crate) mod builtin;
mod cache_key;
mod cause;
mod cleanup;
pub(crate) mod compile;
mod consent;
mod contract_text;
mod endpoints;
mod engine;
mod error;
mod facts;
mod file;
mod file_kind;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handle;
mod invocation;
mod kebab_name;
mod key_wrapping;
pub(crate) mod limits;
mod loaded;
mod maker;
mod model;
pub(crate) mod options;
mod parts;
mod policy;
mod producers;
mod promises;
mod raised;
mod reach;
mod redaction;
mod retry;
mod runtime;
mod sandbox;
mod secrets;
mod stack;
mod surroundings;
mod trust;
mod usage;

pub(crate) use abi::contracts;
pub(crate) use binary::{Interfaces, interfaces};
pub(crate) use cache_key::{CredentialScope, FlavorIdentity, credential_cache_key};
pub(crate) use contract_text::{CONTRACTS, ContractText};
pub(crate) use error::{AdmissionError, CallError};
pub(crate) use facts::ComponentFacts;
pub(crate) use file::{ReadError, read};
pub(crate) use handle::{Accepted, Flavor};
pub(crate) use kebab_name::{FlavorName, KebabNameError};
pub(crate) use loaded::Known;
pub(crate) use maker::Maker;
pub(crate) use model::*;
pub(crate) use options::OptionError;
pub(crate) use policy::{Policy, PolicyFailure, PolicySettings};
pub(crate) use producers::producers;
pub(crate) use promises::{BrokenPromise, Promise, broken_promises};
pub(crate) use raised::{LimitFactor, component_bytes};
pub(crate) use runtime::Runtime;
pub(crate) use secrets::Secret;
pub(crate) use surroundings::{LogLevel, LogLine, Observed, Observer, Surroundings};
pub(crate) use usage::{CallOutcome, Usage};
