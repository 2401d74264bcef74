//! The host's clock.

pub use crate::bindings::crhost::flavor::clock::now;
