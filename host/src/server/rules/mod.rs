//! Rules: who may do what where. Nothing is allowed that no rule allows.
//!
//! A file in TOML has the issuers whose tokens or certificates are accepted, and the rules. It is part of the
//! deployment and not of the database: who may write into the database gets no more rights by that.

mod decision;
mod error;
mod extent;
mod file;
#[cfg(test)]
mod tests;
mod text;
mod types;

pub(crate) use decision::{Decision, Mismatch, Wanted};
pub(crate) use error::RulesError;
pub(crate) use file::RulesFile;
pub(crate) use types::{AuthoritySpec, CERTIFICATE_CLAIMS, IssuerSpec, Operation, Rule, Rules};
