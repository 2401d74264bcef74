//! The name of a daemon's image, before the daemon is asked.

use std::path::Path;

use crate::image::{Reference, ReferenceError};
use crate::registry::RegistryError;
use crate::source::Location;

/// Checks the name of a daemon's image before the daemon is asked, which has other words for an invalid one. An id is
/// valid, and what names a file is for the source to explain.
///
/// # Errors
/// When it is no name.
pub(super) fn check_name(location: &Location) -> Result<(), RegistryError> {
    let Location::Daemon(name) = location else { return Ok(()) };
    match name.parse::<Reference>() {
        Ok(_) | Err(ReferenceError::Id(_)) => Ok(()),
        Err(_) if Path::new(name).exists() => Ok(()),
        Err(reason) => Err(reason.into()),
    }
}
