//! Fields as flavors get them: what of a value they may read.

use secrecy::{ExposeSecret as _, SecretString};

use super::{ini, json};
use crate::flavor::{Field, FieldKind, FieldValue, Secret};
use crate::store::{StoredField, StoredKind};

/// How a field is lent, whatever its value.
pub(super) struct Shape {
    /// Its name.
    pub(super) name: String,
    /// What its value is.
    pub(super) kind: StoredKind,
    /// Its members that are no secrets.
    public_members: Vec<String>,
}

impl Shape {
    /// That of a stored field: public is what both the record and the description say.
    pub(super) fn new(stored: &StoredField, described: &Field) -> Self {
        let has_members = matches!(described.kind, FieldKind::SecretJson | FieldKind::SecretIni);
        let is_public = |member: &&String| has_members && described.public_members.contains(member);
        let public_members = stored.public_members.iter().filter(is_public).cloned().collect();
        Self { name: stored.name.clone(), kind: stored.kind, public_members }
    }

    /// A value of this shape.
    pub(super) fn of(&self, value: SecretString) -> FieldValue {
        let value = match self.kind {
            StoredKind::Text => return FieldValue::Text(value.expose_secret().to_owned()),
            StoredKind::Secret => value,
            // Both were checked to be of their kind when they were given, read or printed.
            StoredKind::SecretJson => json::to_json(value.expose_secret()).unwrap_or(value),
            StoredKind::SecretIni => ini::to_json(value.expose_secret()).unwrap_or(value),
        };
        FieldValue::Secret(Secret::new(&self.name, &value, self.public_members.clone()))
    }
}
