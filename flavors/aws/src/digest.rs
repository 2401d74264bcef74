//! Digests over secret values: of the host, where a secret of the connector is among them, and of this flavor, where all
//! are texts that AWS returned.

use crhost_flavor::http::{SecretValue, Value};
use crhost_flavor::secrets::{self, Encoding, Part};
use crhost_flavor::{Failure, Secret, SecretOrText};

use crate::hash::{self, hex};

/// A digest of 32 bytes, which may be the key of the next one.
pub(crate) enum Digest {
    /// One of the host's, which shows none of its bytes.
    Handle(Secret),
    /// One of this flavor's.
    Bytes(Vec<u8>),
}

impl Digest {
    /// Its hexadecimal digits in a message.
    pub(crate) fn part(&self) -> Part<'_> {
        match self {
            Self::Handle(digest) => Part::secret(digest, Encoding::Hex),
            Self::Bytes(bytes) => hex(bytes).into(),
        }
    }

    /// Its hexadecimal digits after a text, in a request.
    pub(crate) fn after(&self, text: &str) -> Value<'_> {
        match self {
            Self::Handle(digest) => SecretValue::new(digest).before(text).encoding(Encoding::Hex).into(),
            Self::Bytes(bytes) => format!("{text}{}", hex(bytes)).into(),
        }
    }

    /// HMAC-SHA-256 of a message, with this digest as the key.
    pub(crate) fn hmac(&self, message: &[Part<'_>]) -> Result<Self, Failure> {
        match self {
            Self::Handle(key) => by_host(key.hmac_sha256(&[], message)),
            Self::Bytes(key) => hmac_of_bytes(key, message),
        }
    }
}

/// HMAC-SHA-256 of a message, with `prefix` and the secret as the key.
pub(crate) fn hmac(secret: &SecretOrText<'_>, prefix: &str, message: &[Part<'_>]) -> Result<Digest, Failure> {
    match secret {
        SecretOrText::Secret(key) => by_host(key.hmac_sha256(prefix.as_bytes(), message)),
        SecretOrText::Text(key) => hmac_of_bytes(format!("{prefix}{key}").as_bytes(), message),
    }
}

/// SHA-256 of a message.
pub(crate) fn sha256(message: &[Part<'_>]) -> Result<Digest, Failure> {
    match bytes(message) {
        Some(message) => Ok(Digest::Bytes(hash::sha256(&[&message]))),
        None => by_host(secrets::sha256(message)),
    }
}

fn by_host(digest: Result<Secret, String>) -> Result<Digest, Failure> {
    digest.map(Digest::Handle).map_err(Failure::other)
}

fn hmac_of_bytes(key: &[u8], message: &[Part<'_>]) -> Result<Digest, Failure> {
    let message = bytes(message)
        .ok_or_else(|| Failure::other("a key that AWS returned can't sign over a secret of the connector"))?;
    Ok(Digest::Bytes(hash::hmac(key, &message)))
}

/// A message as bytes; `None` if a secret is in it.
fn bytes(message: &[Part<'_>]) -> Option<Vec<u8>> {
    let part = |part: &Part<'_>| match part {
        Part::Bytes(bytes) => Some(bytes.clone()),
        Part::Secret(_) => None,
    };
    message.iter().map(part).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}
