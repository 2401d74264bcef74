//! The contract's types under short names, with constructors for what nearly every flavor writes.

pub use crate::bindings::crhost::flavor::types::{Connector, Failure, FailureKind, FieldValue, Image, Registry};
pub use crate::bindings::exports::crhost::flavor::flavor::{
    AcceptedUri, AuthMethod, Basic, Credential, Description, Field, FieldKind, OptionSpec, Password, Prepared, Source,
    Upload, UploadProfile,
};
use crate::secrets::Secret;

impl Connector {
    /// Text of the field `name`, if the connector has it and it is no secret.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name)? {
            FieldValue::Text(text) => Some(text),
            FieldValue::Secret(_) => None,
        }
    }

    /// Handle on the secret field `name`, if the connector has it.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        match self.field(name)? {
            FieldValue::Secret(secret) => Some(secret),
            FieldValue::Text(_) => None,
        }
    }

    /// The handle on the secret field `name` itself, to be handed over as a password.
    pub fn into_secret(self, name: &str) -> Option<Secret> {
        self.fields.into_iter().find_map(|(field, value)| match value {
            FieldValue::Secret(secret) if field == name => Some(secret),
            _ => None,
        })
    }

    fn field(&self, name: &str) -> Option<&FieldValue> {
        let (_, value) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(value)
    }
}

impl AcceptedUri {
    /// Accepts a registry under its canonical URI, without warnings.
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), warnings: Vec::new() }
    }

    /// Adds a warning: one line for a person.
    #[must_use]
    pub fn warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }
}

impl Credential {
    /// A user name and a password of unknown life, for the image's repository alone.
    pub fn basic(username: impl Into<String>, password: Password) -> Basic {
        Basic { username: username.into(), password, expires_at: None, whole_registry: false }
    }
}

impl Basic {
    /// Sets the Unix time in seconds after which it no longer works.
    #[must_use]
    pub fn expires_at(mut self, time: u64) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// Says that it opens every repository of the registry that the connector may use.
    #[must_use]
    pub fn for_whole_registry(mut self) -> Self {
        self.whole_registry = true;
        self
    }
}

impl From<Basic> for Credential {
    fn from(basic: Basic) -> Self {
        Self::Basic(basic)
    }
}

impl UploadProfile {
    /// A registry that takes everything the specification offers: one request per blob, mounts, zstd.
    pub fn standard() -> Self {
        Self { upload: Upload::Monolithic, mount: true, zstd: true }
    }
}

impl Prepared {
    /// All is in place, with nothing to say about it.
    pub fn new(profile: UploadProfile) -> Self {
        Self { profile, notes: Vec::new() }
    }

    /// Adds a note: one line for a person.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let connector = Connector {
            method: "password".into(),
            fields: vec![("username".into(), FieldValue::Text("alice".into()))],
        };
        assert_eq!(connector.text("username"), Some("alice"));
        assert!(connector.secret("username").is_none());
        assert_eq!(connector.text("password"), None);
    }
}
