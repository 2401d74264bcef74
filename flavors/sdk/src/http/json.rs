//! JSON objects with secrets in them.

use crate::bindings::crhost::flavor::http::{Json, SecretValue};
use crate::secrets::Secret;

impl<'a> Json<'a> {
    /// An object without secrets; anything but an object the host refuses.
    pub fn new(object: &serde_json::Value) -> Self {
        Self { object: object.to_string(), secrets: Vec::new() }
    }

    /// Adds a member whose value is a secret.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, value: &'a Secret) -> Self {
        self.secrets.push((name.into(), SecretValue::new(value)));
        self
    }
}

impl From<&serde_json::Value> for Json<'_> {
    fn from(object: &serde_json::Value) -> Self {
        Self::new(object)
    }
}
