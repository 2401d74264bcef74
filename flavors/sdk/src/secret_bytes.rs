//! Keys to sign with, and what is made of them, where some are secrets of the connector and others are texts that a
//! service returned, such as the keys of a role. With the feature `hash`.

use crate::hash::{self, hex};
use crate::http::{SecretValue, Value};
use crate::secrets::{self, Encoding, Part, Secret, SecretRef};
use crate::types::Failure;

/// Bytes that are secret: the host's, which shows none of them, or the flavor's, if all that they are made of are texts
/// that a service returned.
pub enum SecretBytes<'a> {
    /// The host's.
    Handle(SecretRef<'a>),
    /// The flavor's.
    Known(Vec<u8>),
}

impl SecretBytes<'_> {
    /// Their hexadecimal digits in a message.
    pub fn part(&self) -> Part<'_> {
        match self {
            Self::Handle(secret) => Part::secret(secret, Encoding::Hex),
            Self::Known(bytes) => hex(bytes).into(),
        }
    }

    /// Their hexadecimal digits after a text, in a request.
    pub fn after(&self, text: &str) -> Value<'_> {
        match self {
            Self::Handle(secret) => SecretValue::new(secret).before(text).encoding(Encoding::Hex).into(),
            Self::Known(bytes) => format!("{text}{}", hex(bytes)).into(),
        }
    }

    /// HMAC-SHA-256 (RFC 2104) of a message, with `prefix` and these bytes as the key.
    pub fn hmac(&self, prefix: &str, message: &[Part<'_>]) -> Result<SecretBytes<'static>, Failure> {
        match self {
            Self::Handle(key) => by_host(key.hmac_sha256(prefix.as_bytes(), message)),
            Self::Known(key) => {
                let message = known(message).ok_or_else(|| {
                    Failure::other("a key that a service returned can't sign over a secret of the connector")
                })?;
                Ok(SecretBytes::Known(hash::hmac(&[prefix.as_bytes(), key].concat(), &message)))
            }
        }
    }
}

/// A signature of AWS (Signature Version 4), and the scope that it holds in.
pub struct Signature {
    /// Day, region and service, as `20261120/eu-west-1/ecr/aws4_request`.
    pub scope: String,
    /// The signature, which is written in hexadecimal digits.
    pub value: SecretBytes<'static>,
}

/// Signs a canonical request for a service of a region, with the secret of an access key; `date` is that of the header
/// `x-amz-date` (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>).
pub fn sign_v4(
    secret: &SecretBytes<'_>,
    date: &str,
    (region, service): (&str, &str),
    request: &[Part<'_>],
) -> Result<Signature, Failure> {
    let day = date.split('T').next().unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let mut key = secret.hmac("AWS4", &[day.into()])?;
    for part in [region, service, "aws4_request"] {
        key = key.hmac("", &[part.into()])?;
    }
    let request = sha256(request)?;
    let value = key.hmac("", &[format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n").into(), request.part()])?;
    Ok(Signature { scope, value })
}

/// SHA-256 (FIPS 180-4) of a message.
pub fn sha256(message: &[Part<'_>]) -> Result<SecretBytes<'static>, Failure> {
    match known(message) {
        Some(message) => Ok(SecretBytes::Known(hash::sha256(&[&message]))),
        None => by_host(secrets::sha256(message)),
    }
}

fn by_host(digest: Result<Secret, String>) -> Result<SecretBytes<'static>, Failure> {
    digest.map(|digest| SecretBytes::Handle(digest.into())).map_err(Failure::other)
}

/// A message as bytes; `None` if a secret is in it.
pub fn known(message: &[Part<'_>]) -> Option<Vec<u8>> {
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
