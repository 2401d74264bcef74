//! Hashes over a secret value: the host computes them for a handle, this flavor for text that AWS returned.

use crhost_flavor::{Secret, SecretValue};

use crate::hash;

/// HMAC-SHA-256 of `message`, with `prefix` and the secret as the key.
pub(crate) fn hmac(secret: &SecretValue<'_>, prefix: &str, message: &[u8]) -> Vec<u8> {
    match text_or_handle(secret) {
        Err(handle) => handle.hmac_sha256(prefix.as_bytes(), message),
        Ok(text) => hash::hmac(format!("{prefix}{text}").as_bytes(), message),
    }
}

/// SHA-256 of `before`, the secret and `after`.
pub(crate) fn sha256(secret: &SecretValue<'_>, before: &str, after: &str) -> Vec<u8> {
    match text_or_handle(secret) {
        Err(handle) => handle.sha256(before.as_bytes(), after.as_bytes()),
        Ok(text) => hash::sha256(&[before.as_bytes(), text.as_bytes(), after.as_bytes()]),
    }
}

fn text_or_handle<'a>(secret: &'a SecretValue<'_>) -> Result<&'a str, &'a Secret> {
    match secret {
        SecretValue::Text(text) => Ok(text),
        SecretValue::Handle(handle) => Err(handle),
    }
}
