//! Values of headers and of a form's fields.

use crate::bindings::crhost::flavor::http::{Encoding, SecretValue, Value};
use crate::secrets::{Secret, SecretOrText};

impl<'a> SecretValue<'a> {
    /// A secret as it is, with nothing before it.
    pub fn new(secret: &'a Secret) -> Self {
        Self { before: String::new(), secret, encoding: Encoding::Raw }
    }

    /// Sets the text that stands before it, e.g. `Bearer `.
    #[must_use]
    pub fn before(mut self, text: impl Into<String>) -> Self {
        self.before = text.into();
        self
    }

    /// Sets how the host writes it.
    #[must_use]
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }
}

impl<'a> Value<'a> {
    /// A user name and a secret password, for the header `authorization` (RFC 7617).
    pub fn basic(name: impl Into<String>, password: &'a Secret) -> Self {
        Self::Basic((name.into(), password))
    }
}

impl From<&str> for Value<'_> {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a Secret> for Value<'a> {
    fn from(secret: &'a Secret) -> Self {
        SecretValue::new(secret).into()
    }
}

impl<'a> From<SecretValue<'a>> for Value<'a> {
    fn from(value: SecretValue<'a>) -> Self {
        Self::Secret(value)
    }
}

impl<'a> From<&'a SecretOrText<'_>> for Value<'a> {
    fn from(value: &'a SecretOrText<'_>) -> Self {
        value.value()
    }
}
