//! Secrets that a flavor can use and never read.
//!
//! What is derived from a secret is a secret, too: a signature, an HMAC, a digest. So the message of a signature is a
//! list of [`Part`]s, of which some may be secrets:
//!
//! ```no_run
//! use crhost_flavor::http::{Encoding, SecretValue, Value};
//! use crhost_flavor::{Failure, Secret, secrets};
//!
//! fn signature<'a>(key: &Secret, token: &Secret) -> Result<Secret, Failure> {
//!     let hash = secrets::sha256(&["token:".into(), token.into()]).map_err(Failure::other)?;
//!     let to_sign = ["ACME-HMAC\n".into(), secrets::Part::secret(&hash, Encoding::Hex)];
//!     key.hmac_sha256(b"ACME", &to_sign).map_err(Failure::other)
//! }
//!
//! fn authorization(signature: &Secret) -> Value<'_> {
//!     SecretValue::new(signature).before("ACME-HMAC Signature=").encoding(Encoding::Hex).into()
//! }
//! ```

use std::ops::Deref;

use crate::bindings::crhost::flavor::http::{SecretValue, Value};
pub use crate::bindings::crhost::flavor::secrets::{Encoding, Escaping, Part, Secret, join, sha256};

impl<'a> Part<'a> {
    /// A secret in a message, written in an encoding.
    pub fn secret(secret: &'a Secret, encoding: Encoding) -> Self {
        Self::Secret((secret, encoding))
    }
}

impl From<&str> for Part<'_> {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Part<'_> {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Part<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Secret> for Part<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::secret(secret, Encoding::Raw)
    }
}

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

/// A value that authenticates, e.g. a token: a secret of the connector, or text that a service returned to the flavor.
pub enum SecretOrText<'a> {
    /// A secret of the connector.
    Secret(SecretRef<'a>),
    /// A value that a service returned.
    Text(String),
    /// Text of the flavor's own that ends in its signature, e.g. a JSON Web Token: the text, with the separator, the
    /// signature, and how it is written.
    Signed(String, Secret, Encoding),
}

impl SecretOrText<'_> {
    /// The value as it is, for a request.
    pub fn value(&self) -> Value<'_> {
        self.after("")
    }

    /// The value after a text, e.g. `Bearer `, for a request.
    pub fn after(&self, text: &str) -> Value<'_> {
        match self {
            Self::Secret(secret) => SecretValue::new(secret).before(text).into(),
            Self::Text(value) => format!("{text}{value}").into(),
            Self::Signed(signed, signature, encoding) => {
                SecretValue::new(signature).before(format!("{text}{signed}")).encoding(*encoding).into()
            }
        }
    }

    /// The value as it is, for a message to sign or to hash.
    pub fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Self::Secret(secret) => vec![Part::secret(secret, Encoding::Raw)],
            Self::Text(text) => vec![text.as_str().into()],
            Self::Signed(text, signature, encoding) => vec![text.as_str().into(), Part::secret(signature, *encoding)],
        }
    }
}

impl<'a> From<&'a Secret> for SecretOrText<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Secret(SecretRef::Borrowed(secret))
    }
}

impl From<Secret> for SecretOrText<'_> {
    fn from(secret: Secret) -> Self {
        Self::Secret(SecretRef::Owned(secret))
    }
}

impl From<String> for SecretOrText<'_> {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
