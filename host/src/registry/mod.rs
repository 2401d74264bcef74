//! Registries that the user has registered: registration, changes, verification, and the choice of one for an image.
//!
//! The rules for every kind of registry are here; a rule for one kind is in its flavor.

mod authenticator;
mod candidate;
mod change;
mod checks;
mod destination;
mod endpoints;
mod error;
mod fit;
mod given_name;
mod greet;
mod hints;
mod locate;
mod mismatch;
pub(crate) mod naming;
mod plain_http;
mod register;
mod registration;
mod remote_name;
mod select;
mod standing;
mod step;
mod suggestion;
mod typed_uri;
mod ungranted;
mod unregistered;
mod verify;
mod verify_by_server;

pub(crate) use authenticator::Authenticator;
pub(crate) use candidate::{Candidate, Question, Stored};
pub(crate) use change::{Change, fitting_connectors, update};
pub(crate) use destination::{Destination, DestinationError};
pub(crate) use endpoints::ungranted;
pub(crate) use error::RegistryError;
pub(crate) use fit::{Misfit, fits, misfits};
pub(crate) use given_name::GivenName;
pub(crate) use greet::greet;
pub(crate) use locate::{Located, locate_registry};
pub(crate) use mismatch::of_name;
pub(crate) use plain_http::plain_http;
pub(crate) use register::register;
pub(crate) use registration::Registration;
pub(crate) use remote_name::{RemoteName, RemoteNameError, Use};
pub(crate) use select::{Selector, Target, named_in, select, unowned};
pub(crate) use standing::{Standing, image_to_push, standing};
pub(crate) use step::Step;
pub(crate) use suggestion::Unnamed;
pub(crate) use typed_uri::TypedUri;
pub(crate) use ungranted::Ungranted;
pub(crate) use unregistered::{Unregistered, flavor_of_host, hint_to_register};
pub(crate) use verify::{Verification, VerifyOptions, verify};
