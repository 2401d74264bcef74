//! The contract's types under short names, with constructors for what nearly every flavor writes.

pub use crate::bindings::crhost::flavor::types::{Connector, Failure, FailureKind, FieldValue, Image, Registry};
pub use crate::bindings::exports::crhost::flavor::flavor::{
    AcceptedUri, AuthMethod, Basic, Credential, Description, Field, FieldKind, OptionSpec, Password, Prepared, Upload,
    UploadProfile,
};
use crate::secrets::Secret;

impl Registry {
    /// Value of the option `name`, if the user set it or it has a default.
    pub fn option(&self, name: &str) -> Option<&str> {
        let (_, value) = self.options.iter().find(|(option, _)| option == name)?;
        Some(value)
    }
}

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
    fn options_and_fields_are_found_by_name() {
        let registry =
            Registry { name: "prod".into(), uri: "localhost:5000".into(), options: vec![("a".into(), "1".into())] };
        assert_eq!(registry.option("a"), Some("1"));
        assert_eq!(registry.option("b"), None);
        let connector = Connector {
            method: "password".into(),
            fields: vec![("username".into(), FieldValue::Text("alice".into()))],
        };
        assert_eq!(connector.text("username"), Some("alice"));
        assert!(connector.secret("username").is_none());
        assert_eq!(connector.text("password"), None);
    }
}
