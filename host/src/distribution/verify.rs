//! Whether a registry stored what was sent.

use http::HeaderMap;

use super::error::Error;
use super::wire::headers;
use crate::image::{Digest, Host};

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
