//! Forms, in which OAuth and others take parameters.

use crate::bindings::crhost::flavor::http::Value;
use crate::secrets::Secret;

/// A form, as `application/x-www-form-urlencoded`; [`Request::form`](super::Request::form) sends it, and the host
/// encodes names and values.
#[derive(Default)]
pub struct Form<'a>(Vec<(String, Value<'a>)>);

impl<'a> Form<'a> {
    /// A form without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.value(name, value)
    }

    /// Adds a field whose value is a secret.
    #[must_use]
    pub fn secret(self, name: &str, value: &'a Secret) -> Self {
        self.value(name, value)
    }

    /// Adds a field whose value is text or a secret, e.g. a [`SecretOrText`](crate::SecretOrText) or a signature.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Into<Value<'a>>) -> Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// The fields, in the order in which they were added.
    pub(super) fn into_fields(self) -> Vec<(String, Value<'a>)> {
        self.0
    }
}
