//! Files that other users must not read, change or replace, and files that are written whole or not at all.
//!
//! A leaf: it knows nothing of the store or of any other module.

pub(crate) mod atomic;
pub(crate) mod private;
mod program;
pub(crate) mod regular;
pub(crate) mod space;
pub(crate) mod trust;
pub(crate) mod unsynced;

pub(crate) use program::{find_program, is_program};
