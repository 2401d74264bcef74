//! Forms, in which OAuth and others take parameters.

use crate::bindings::crhost::flavor::http::{Encoding, Part};
use crate::secrets::{Secret, SecretValue};

use super::encoding::percent_encoded;

/// A form, as `application/x-www-form-urlencoded`; [`Request::form`](super::Request::form) sends it.
#[derive(Default)]
pub struct Form<'a> {
    parts: Vec<Part<'a>>,
}

impl<'a> Form<'a> {
    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field; name and value are encoded.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.parts.push(Part::Bytes(percent_encoded(value).into_bytes()));
        self
    }

    /// Adds a field whose value is a secret.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &'a Secret) -> Self {
        self.name(name);
        self.parts.push(Part::Secret((value, Encoding::FormUrlencoded)));
        self
    }

    /// Adds a field whose value is a secret of the connector or a text that a service returned.
    #[must_use]
    pub fn value(self, name: &str, value: &'a SecretValue<'_>) -> Self {
        match value {
            SecretValue::Handle(secret) => self.secret(name, secret),
            SecretValue::Text(text) => self.text(name, text),
        }
    }

    fn name(&mut self, name: &str) {
        let separator = if self.parts.is_empty() { "" } else { "&" };
        self.parts.push(Part::Bytes(format!("{separator}{}=", percent_encoded(name)).into_bytes()));
    }

    /// The body of the form.
    pub(super) fn into_parts(self) -> Vec<Part<'a>> {
        self.parts
    }
}
