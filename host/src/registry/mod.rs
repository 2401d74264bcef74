//! Registries that the user has registered: registration, changes, verification, and the choice of one for an image.
//!
//! The rules for every kind of registry are here; a rule for one kind is in its flavor.

mod admit;
mod authenticator;
mod change;
mod error;
mod register;
mod registration;
mod select;
mod suggestion;
mod uri;
mod verify;

pub(crate) use authenticator::Authenticator;
pub(crate) use change::{Change, fitting_connectors, update};
pub(crate) use error::RegistryError;
pub(crate) use register::register;
pub(crate) use registration::Registration;
pub(crate) use select::{Selector, Target, select};
pub(crate) use suggestion::Unnamed;
pub(crate) use verify::{Step, Verification, VerifyOptions, verify};
