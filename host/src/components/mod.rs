//! Flavors and policies in registries: published as WebAssembly artifacts, fetched by their digest, found by their
//! version and in an index.
//!
//! The artifact is that of the CNCF ("Wasm OCI Artifact layout"), so that other tools read what is published here, and
//! the other way round. Nothing that comes from a registry is believed but by its digest, and what a key has to have
//! signed is not downloaded without that signature.

mod artifact;
mod error;
mod fetch;
mod index;
mod place;
mod publication;
mod publish;
mod search;
mod signers;
mod versions;

pub(crate) use fetch::{Fetched, fetch};
pub(crate) use index::Listed;
pub(crate) use place::Place;
pub(crate) use publication::Publication;
#[cfg(test)]
pub(crate) use publish::Published;
pub(crate) use publish::{Request, publish};
pub(crate) use search::{Search, add, search};
pub(crate) use signers::Signers;
pub(crate) use versions::Versions;
