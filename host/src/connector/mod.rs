//! Connectors: credentials that the user stored, for flavors to use.
//!
//! A connector has a type and an auth method, which flavors describe. Its fields are fixed by the description at the
//! time of registration: a flavor that is registered or replaced later can't turn a secret into text, nor a private
//! member of a key file into a public one. A flavor gets the stored fields that its own description names, and no
//! others.
//!
//! Secrets leave this module in one form only: as values that a flavor may use and can't read.

mod change;
mod command_error;
mod commands;
mod descriptions;
mod error;
#[cfg(test)]
mod examples;
mod explain;
mod fields;
mod given;
mod hints;
mod implicit_reads;
mod ini;
mod json;
mod lost_methods;
mod method;
mod open;
mod prove;
mod ready;
mod register;
mod resolve;
mod shape;
mod token_error;
mod unstored;
mod value_fault;

pub(crate) use error::{ConnectorError, ProofUnavailable};
pub(crate) use explain::{Explained, Identity, explain};
pub(crate) use fields::check;
pub(crate) use given::GivenValue;
pub(crate) use implicit_reads::ImplicitReads;
pub(crate) use lost_methods::of_lost_methods;
pub(crate) use method::{agree, find as find_method, of_type};
pub(crate) use open::OpenConnector;
pub(crate) use prove::{Proof, ProveOptions, prove, resources};
pub(crate) use register::{Change, Registered, Registration, register, update, uses_of};
pub(crate) use resolve::{method_of, of_registry};
pub(crate) use unstored::{Unstored, unstored};
