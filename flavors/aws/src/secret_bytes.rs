//! Bytes that are secret: access keys, and the digests that signatures are made of.

use crhost_flavor::hash::{self, hex};
use crhost_flavor::http::{SecretValue, Value};
use crhost_flavor::secrets::{self, Encoding, Part};
use crhost_flavor::{Failure, Secret, SecretRef};

/// Bytes that are secret: the host's, which shows none of them, or this flavor's, if all that they are made of are
/// texts that AWS returned.
pub(crate) enum SecretBytes<'a> {
    /// The host's.
    Handle(SecretRef<'a>),
    /// This flavor's.
    Known(Vec<u8>),
}

impl SecretBytes<'_> {
    /// Their hexadecimal digits in a message.
    pub(crate) fn part(&self) -> Part<'_> {
        match self {
            Self::Handle(secret) => Part::secret(secret, Encoding::Hex),
            Self::Known(bytes) => hex(bytes).into(),
        }
    }

    /// Their hexadecimal digits after a text, in a request.
    pub(crate) fn after(&self, text: &str) -> Value<'_> {
        match self {
            Self::Handle(secret) => SecretValue::new(secret).before(text).encoding(Encoding::Hex).into(),
            Self::Known(bytes) => format!("{text}{}", hex(bytes)).into(),
        }
    }

    /// HMAC-SHA-256 (RFC 2104) of a message, with `prefix` and these bytes as the key.
    pub(crate) fn hmac(&self, prefix: &str, message: &[Part<'_>]) -> Result<SecretBytes<'static>, Failure> {
        match self {
            Self::Handle(key) => by_host(key.hmac_sha256(prefix.as_bytes(), message)),
            Self::Known(key) => {
                let message = known(message).ok_or_else(|| {
                    Failure::other("a key that AWS returned can't sign over a secret of the connector")
                })?;
                Ok(SecretBytes::Known(hash::hmac(&[prefix.as_bytes(), key].concat(), &message)))
            }
        }
    }
}

/// SHA-256 (FIPS 180-4) of a message.
pub(crate) fn sha256(message: &[Part<'_>]) -> Result<SecretBytes<'static>, Failure> {
    match known(message) {
        Some(message) => Ok(SecretBytes::Known(hash::sha256(&[&message]))),
        None => by_host(secrets::sha256(message)),
    }
}

fn by_host(digest: Result<Secret, String>) -> Result<SecretBytes<'static>, Failure> {
    digest.map(|digest| SecretBytes::Handle(digest.into())).map_err(Failure::other)
}

/// A message as bytes; `None` if a secret is in it.
fn known(message: &[Part<'_>]) -> Option<Vec<u8>> {
    let part = |part: &Part<'_>| match part {
        Part::Bytes(bytes) => Some(bytes.clone()),
        Part::Secret(_) => None,
    };
    message.iter().map(part).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

impl<'a> From<&'a Secret> for SecretBytes<'a> {
    fn from(secret: &'a Secret) -> Self {
        Self::Handle(secret.into())
    }
}

impl From<Secret> for SecretBytes<'_> {
    fn from(secret: Secret) -> Self {
        Self::Handle(secret.into())
    }
}

impl From<String> for SecretBytes<'_> {
    fn from(text: String) -> Self {
        Self::Known(text.into_bytes())
    }
}
