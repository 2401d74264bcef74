//! Whether a registry stored what was sent.

use http::{HeaderMap, StatusCode};

use super::error::Error;
use super::wire::headers;
use crate::image::{Digest, Host};

/// Answers to a request that stores something: 201 by the specification, and the others that registries give. Those are
/// believed only if the registry confirms what it stored.
pub(super) const STORED: [StatusCode; 4] =
    [StatusCode::CREATED, StatusCode::OK, StatusCode::ACCEPTED, StatusCode::NO_CONTENT];

/// Compares the digest of the content that `request` sent with the one that the registry's answer names, if it names
/// one.
///
/// # Errors
/// [`Error::OtherDigest`] where they differ.
pub(super) fn same_digest(host: &Host, request: String, expected: &Digest, headers: &HeaderMap) -> Result<(), Error> {
    match headers::content_digest(headers) {
        Some(found) if found != *expected => {
            Err(Error::OtherDigest { host: host.clone(), request: request.into(), expected: expected.clone(), found })
        }
        _ => Ok(()),
    }
}
