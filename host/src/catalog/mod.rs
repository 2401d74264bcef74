//! The flavors that can be named: the built-in ones, and those that the user registered.
//!
//! Joins `flavor`, which runs components, with the store, which keeps components, grants and usage. Neither knows the
//! other.

mod changes;
mod component;
mod error;
mod flavors;
mod grants;
mod origin;
mod record;
mod registration;
mod usage;

pub(crate) use changes::Changes;
pub(crate) use component::Component;
pub(crate) use error::CatalogError;
pub(crate) use flavors::{Catalog, Entry, component, recorded, recorded_descriptions};
pub(crate) use origin::{remote_name, remote_origin};
pub(crate) use record::{BUILT_IN, grantee};
pub(crate) use registration::{Candidate, Consent};
pub(crate) use usage::run_of;
