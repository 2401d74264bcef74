//! Flavors: WebAssembly components that each know one kind of registry.
//!
//! This module runs them and holds them to the contract. It knows nothing of pushing, of Docker or of any registry, and it
//! trusts nothing that a flavor says. What a flavor may use is in `abi`, how much of it in [`limits`].

mod abi;
mod admission;
mod builtin;
mod call;
mod catalog;
pub mod compile;
mod egress;
mod engine;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
pub mod limits;
mod model;
mod names;
pub mod options;
mod patience;
mod question;
mod runtime;
mod secrets;
mod state;

pub use admission::ReadError;
pub use catalog::{BUILT_IN, Candidate, Catalog, CatalogError, grantee};
pub use error::{AdmissionError, CallError, Cause, OutputError};
pub use model::*;
pub use names::{FlavorName, KebabName, KebabNameError};
pub use options::OptionError;
pub use question::Extent;
pub use runtime::{Flavor, Runtime};
pub use secrets::Secret;
