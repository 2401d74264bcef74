//! Secrets that a flavor can use and never read.

use std::ops::Deref;

use crate::bindings::crhost::flavor::http::{Encoding, Part};
pub use crate::bindings::crhost::flavor::secrets::Secret;

/// A handle on a secret: borrowed from the connector that has it as a field, or owned, as that of a member is.
pub enum SecretRef<'a> {
    /// The handle of a connector's field.
    Borrowed(&'a Secret),
    /// A handle of one's own, e.g. that of a member of a JSON field.
    Owned(Secret),
}

impl Deref for SecretRef<'_> {
    type Target = Secret;

    fn deref(&self) -> &Secret {
        match self {
            Self::Borrowed(secret) => secret,
            Self::Owned(secret) => secret,
        }
    }
}

impl<'a> From<&'a Secret> for SecretRef<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Borrowed(secret)
    }
}

impl From<Secret> for SecretRef<'_> {
    fn from(secret: Secret) -> Self {
        Self::Owned(secret)
    }
}

/// A secret value that goes into a request, e.g. a token: a handle, or text that a service returned to the flavor.
pub enum SecretValue<'a> {
    /// A secret of the connector.
    Handle(SecretRef<'a>),
    /// A value that a service returned.
    Text(String),
}

impl SecretValue<'_> {
    /// The value as it is, as a part of a request.
    pub fn part(&self) -> Part<'_> {
        match self {
            Self::Handle(secret) => Part::Secret((secret, Encoding::Raw)),
            Self::Text(text) => Part::Bytes(text.as_bytes().to_vec()),
        }
    }
}

impl<'a> From<&'a Secret> for SecretValue<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Handle(SecretRef::Borrowed(secret))
    }
}

impl From<Secret> for SecretValue<'_> {
    fn from(secret: Secret) -> Self {
        Self::Handle(SecretRef::Owned(secret))
    }
}

impl From<String> for SecretValue<'_> {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
