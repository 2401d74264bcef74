//! The contract's types under short names, with constructors for the values that nearly every flavor writes.

pub use crate::bindings::crhost::flavor::types::{Connector, Failure, FailureKind, FieldValue, Image, Registry};
pub use crate::bindings::exports::crhost::flavor::flavor::{
    AcceptedUri, AuthMethod, Basic, Credential, Deletion, Description, Field, FieldKind, Operation, OptionKind,
    OptionSpec, Parameter, Password, Place, Placement, Prepared, Purpose, Referrers, SecretForm, Source, Upload,
    UploadProfile,
};
use crate::secrets::Secret;

impl Connector {
    /// Text of the field `name`, if the connector has it and it is not a secret.
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

    /// The handle on the secret field `name` itself, to hand back as a password.
    pub fn into_secret(self, name: &str) -> Option<Secret> {
        self.fields.into_iter().find_map(|(field, value)| match value {
            FieldValue::Secret(secret) if field == name => Some(secret),
            _ => None,
        })
    }

    /// Text of the field `name`; fails if the connector lacks it.
    pub fn required_text(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| Failure::missing_field(name))
    }

    /// Handle on the secret field `name`; fails if the connector lacks it.
    pub fn required_secret(&self, name: &str) -> Result<&Secret, Failure> {
        self.secret(name).ok_or_else(|| Failure::missing_field(name))
    }

    /// The handle on the secret field `name` as a password to hand back; fails if the connector lacks it.
    pub fn into_password(self, name: &str) -> Result<Password, Failure> {
        self.into_secret(name).map(Password::Secret).ok_or_else(|| Failure::missing_field(name))
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

    /// Adds a warning: one line for the user.
    #[must_use]
    pub fn warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Adds a warning if there is one.
    #[must_use]
    pub fn warnings(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }
}

impl Credential {
    /// A user name and a password of unknown lifetime, for the image's repository alone.
    pub fn basic(username: impl Into<String>, password: Password) -> Basic {
        Basic { username: username.into(), password, expires_at: None, whole_registry: false }
    }
}

impl Basic {
    /// Sets the Unix time in seconds after which it no longer works; `None` if that is not known.
    #[must_use]
    pub fn expires_at(mut self, time: impl Into<Option<u64>>) -> Self {
        self.expires_at = time.into();
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
    /// A registry that takes everything the specification offers: one request per blob, mounts, zstd, and a `range`
    /// that is true. Limits, and how it does what may be done in several ways, are not known.
    pub fn standard() -> Self {
        Self {
            upload: Upload::Monolithic,
            mount: true,
            zstd: true,
            largest_request: None,
            largest_layer: None,
            range: true,
            referrers: Referrers::Unknown,
            deletion: Deletion::Unknown,
        }
    }
}

impl Prepared {
    /// Everything is in place, without a note.
    pub fn new(profile: UploadProfile) -> Self {
        Self { profile, notes: Vec::new() }
    }

    /// Adds a note: one line for the user.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a note if there is one.
    #[must_use]
    pub fn notes(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
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
