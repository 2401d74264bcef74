//! Something secret, wherever it is.

use crhost_flavor::Secret;
use crhost_flavor::http::{Encoding, Part};

use crate::hash;

/// A secret access key or a session token.
pub(crate) enum Held<'a> {
    /// A field of the connector.
    Field(&'a Secret),
    /// A member of one, e.g. of a profile.
    Member(Secret),
    /// One that AWS returned.
    Known(String),
}

impl Held<'_> {
    /// HMAC-SHA-256 of `message`, under `prefix` and it.
    pub(crate) fn hmac(&self, prefix: &str, message: &[u8]) -> Vec<u8> {
        match self.handle() {
            Ok(secret) => secret.hmac_sha256(prefix.as_bytes(), message),
            Err(known) => hash::hmac(format!("{prefix}{known}").as_bytes(), message),
        }
    }

    /// SHA-256 of `before`, it and `after`.
    pub(crate) fn sha256(&self, before: &str, after: &str) -> Vec<u8> {
        match self.handle() {
            Ok(secret) => secret.sha256(before.as_bytes(), after.as_bytes()),
            Err(known) => hash::sha256(&[before.as_bytes(), known.as_bytes(), after.as_bytes()]),
        }
    }

    /// It as a part of a request.
    pub(crate) fn part(&self) -> Part<'_> {
        match self.handle() {
            Ok(secret) => Part::secret(secret, Encoding::Raw),
            Err(known) => known.into(),
        }
    }

    fn handle(&self) -> Result<&Secret, &str> {
        match self {
            Self::Field(secret) => Ok(secret),
            Self::Member(secret) => Ok(secret),
            Self::Known(known) => Err(known),
        }
    }
}
