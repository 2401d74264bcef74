//! Everything to write a crhost flavor or policy.
//!
//! A flavor is a component that knows one kind of container registry. Implement [`Flavor`] for a type and hand that
//! type to [`export!`]; `README.md` shows a whole one, and names the flavor to start from. The types here are the
//! contract's own (WIT package `crhost:flavor`), with a few constructors added. [`http`], [`clock`], [`log`] and
//! [`Secret`] are all that a flavor can reach outside itself; [`uri`], [`oauth`], [`jwt`], [`time`] and [`text`] are
//! pure, and [`testing`] is for unit tests. [`policy`] has what policies need.
#![deny(unsafe_code)]

#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, clippy::pedantic, clippy::restriction)]
#[rustfmt::skip] // Compared byte for byte with what the generator writes.
pub mod bindings;

pub mod canonical;
pub mod cleanup;
pub mod clock;
pub mod commands;
mod describe;
mod export;
mod failure;
mod flavor;
#[cfg(feature = "hash")]
pub mod hash;
pub mod http;
pub mod id_tokens;
mod image;
pub mod jwt;
pub mod key_wrapping;
pub mod log;
#[cfg(not(target_arch = "wasm32"))]
mod native;
pub mod oauth;
mod operation;
mod options;
#[doc(hidden)]
pub mod panic;
pub mod password;
pub mod policy;
#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, clippy::pedantic, clippy::restriction)]
#[rustfmt::skip] // Compared byte for byte with what the generator writes.
pub mod policy_bindings;
#[cfg(feature = "hash")]
pub mod secret_bytes;
pub mod secrets;
pub mod testing;
pub mod text;
pub mod time;
mod types;
pub mod uri;

pub use flavor::Flavor;
pub use options::Options;
pub use secrets::{Secret, SecretOrText, SecretRef};
pub use types::*;

/// The runtime of the generated bindings, so that a flavor depends on this crate alone.
#[doc(hidden)]
pub use wit_bindgen::rt;

/// Keeps the examples of the documents true.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../../docs/guide/flavor.md")]
#[doc = include_str!("../../../docs/guide/flavor-cookbook.md")]
#[doc = include_str!("../../../docs/guide/policy.md")]
pub struct Documents;
