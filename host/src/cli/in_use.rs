//! The registry in use, as a variable names it.

use super::failure::Failure;
use crate::environment::{EnvVars, Environment};
use crate::registry::{Destination, DestinationError};

/// The registry that `CRHOST_REGISTRY` names for this command.
///
/// # Errors
/// When it is neither a name nor a URI.
pub(super) fn registry(environment: &Environment) -> Result<Option<Destination>, Failure> {
    let in_use = environment.text(EnvVars::CRHOST_REGISTRY).map(|text| text.parse()).transpose();
    in_use.map_err(|error: DestinationError| {
        Failure::from(error).with_message(|message| format!("`{}`: {message}", EnvVars::CRHOST_REGISTRY))
    })
}
