//! Values of headers, of forms and of JSON members.

use zeroize::Zeroizing;

use super::encoding::Encoding;
use super::secret::EgressSecret;

/// A value that ends in a secret, which the flavor does not see.
pub(crate) struct SecretValue {
    /// Text of the flavor's own in front of it.
    pub(crate) before: String,
    /// The secret.
    pub(crate) secret: EgressSecret,
    /// How it is written.
    pub(crate) encoding: Encoding,
}

/// The value of a header or of a form's field.
pub(crate) enum Value {
    /// Text of the flavor's own.
    Text(String),
    /// A secret with text in front of it.
    Secret(SecretValue),
    /// The credentials of HTTP Basic: a user name and a secret password.
    Basic(String, EgressSecret),
}

impl Value {
    /// The secret in it.
    pub(super) fn secret(&self) -> Option<&EgressSecret> {
        match self {
            Self::Text(_) => None,
            Self::Secret(value) => Some(&value.secret),
            Self::Basic(_, secret) => Some(secret),
        }
    }
}

impl SecretValue {
    /// The value as it is sent, before a form or JSON escapes it.
    pub(super) fn write(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(self.before.as_bytes().to_vec());
        bytes.extend_from_slice(&self.encoding.encode(self.secret.value()));
        bytes
    }
}
