//! Secrets that a flavor can use and never read.

pub use crate::bindings::crhost::flavor::secrets::Secret;
