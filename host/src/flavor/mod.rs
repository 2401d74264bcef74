//! Flavors: WebAssembly components that each know one kind of registry.
//!
//! This module runs them and holds them to the contract. It knows nothing of pushing, of Docker or of any registry, and it
//! trusts nothing that a flavor says. What a flavor may use is in `abi`, how much of it in [`limits`].

mod abi;
mod admission;
pub(crate) mod builtin;
mod call;
pub(crate) mod compile;
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

pub(crate) use admission::{ReadError, read};
pub(crate) use call::{CallOutcome, Usage};
pub(crate) use error::{AdmissionError, CallError, Cause, OutputError};
pub(crate) use model::*;
pub(crate) use names::{FlavorName, KebabName, KebabNameError};
pub(crate) use options::OptionError;
pub(crate) use question::Extent;
pub(crate) use runtime::{Flavor, Runtime};
pub(crate) use secrets::Secret;
