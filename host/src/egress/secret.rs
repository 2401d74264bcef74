//! A secret on its way into a request.

use secrecy::SecretString;

/// A secret that a request may hold: the text that is sent, and every part of it that would give it away. Without
/// `Debug`, as every type that holds a secret.
#[derive(Clone)]
pub(crate) struct EgressSecret {
    value: SecretString,
    fragments: Vec<SecretString>,
}

impl EgressSecret {
    /// The text that is sent, and the parts of it that are as secret as the whole.
    #[must_use]
    pub(crate) fn new(value: SecretString, fragments: Vec<SecretString>) -> Self {
        Self { value, fragments }
    }

    /// The text that is sent.
    pub(super) fn value(&self) -> &SecretString {
        &self.value
    }

    /// The text and its parts: all that is redacted.
    pub(super) fn texts(&self) -> impl Iterator<Item = &SecretString> {
        std::iter::once(&self.value).chain(&self.fragments)
    }
}
