//! Flavors: WebAssembly components that each know one kind of registry.
//!
//! This module runs them and holds them to the contract. It knows nothing of pushing, of Docker or of any registry, and it
//! trusts nothing that a flavor says. What a flavor may use is in `abi`, how much of it in [`limits`].

mod abi;
mod admission;
mod builtin;
mod call;
mod catalog;
pub(crate) mod compile;
mod egress;
mod engine;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub(crate) mod limits;
mod model;
mod names;
pub(crate) mod options;
mod patience;
mod question;
mod runtime;
mod secrets;
mod state;

pub(crate) use admission::ReadError;
pub(crate) use catalog::{BUILT_IN, Candidate, Catalog, CatalogError, grantee};
pub(crate) use error::CallError;
pub(crate) use model::*;
pub(crate) use names::FlavorName;
pub(crate) use options::OptionError;
pub(crate) use question::Extent;
pub(crate) use runtime::{Flavor, Runtime};
pub(crate) use secrets::Secret;
