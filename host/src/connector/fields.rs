//! Whether what the user gives is what an auth method describes.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use serde::de::IgnoredAny;

use super::error::{ConnectorError, Fault};
use super::ini;
use crate::flavor::{AuthMethod, Field, FieldKind, limits};
use crate::store::{StoredField, StoredKind, StoredValue};

/// The given values as fields of a method, in its order.
pub(super) fn checked(
    method: &AuthMethod,
    mut given: BTreeMap<String, SecretString>,
) -> Result<Vec<StoredField>, ConnectorError> {
    let known = |name: &str| method.fields.iter().any(|field| field.name.as_str() == name);
    if let Some(name) = given.keys().find(|name| !known(name)) {
        return Err(ConnectorError::UnknownField {
            method: method.to_string(),
            name: crate::text::printable(name, 80),
            known: method.fields.iter().map(|field| field.name.to_string()).collect(),
        });
    }
    let missing = |field: &Field| ConnectorError::MissingField {
        method: method.to_string(),
        name: field.name.to_string(),
        summary: field.summary.clone(),
        secret: field.kind != FieldKind::Text,
    };
    let mut fields = Vec::new();
    for field in &method.fields {
        match given.remove(field.name.as_str()) {
            Some(value) => fields.push(stored(field, value)?),
            None if method.implicit && !field.sources.is_empty() => fields.push(sought(field)),
            None if field.required => return Err(missing(field)),
            None => {}
        }
    }
    Ok(fields)
}

fn stored(field: &Field, value: SecretString) -> Result<StoredField, ConnectorError> {
    let described = sought(field);
    match fault(described.kind, value.expose_secret()) {
        Some(fault) => Err(ConnectorError::Value { field: field.name.to_string(), fault }),
        None => Ok(StoredField { value: StoredValue::Given(value), ..described }),
    }
}

/// A field that is read when it is needed.
fn sought(field: &Field) -> StoredField {
    let (kind, public_members) = match field.kind {
        FieldKind::Text => (StoredKind::Text, Vec::new()),
        FieldKind::Secret => (StoredKind::Secret, Vec::new()),
        FieldKind::SecretJson => (StoredKind::SecretJson, field.public_members.clone()),
        FieldKind::SecretIni => (StoredKind::SecretIni, field.public_members.clone()),
    };
    let value = StoredValue::Sought(field.sources.clone());
    StoredField { name: field.name.to_string(), kind, public_members, value }
}

/// What is wrong with a value, in words that say nothing of it.
pub(super) fn fault(kind: StoredKind, value: &str) -> Option<Fault> {
    if value.is_empty() {
        Some(Fault::Empty)
    } else if value.len() > limits::CREDENTIAL_BYTES {
        Some(Fault::TooLong)
    } else if kind == StoredKind::Text && value.chars().any(char::is_control) {
        Some(Fault::Control)
    } else if kind == StoredKind::SecretJson && !is_json_object(value) {
        Some(Fault::NotJson)
    } else if kind == StoredKind::SecretIni && ini::to_json(value).is_none() {
        Some(Fault::NotIni)
    } else {
        None
    }
}

/// Read without keeping any of it: copies of a secret would stay behind in memory.
fn is_json_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::examples::{field, method};
    use super::*;
    use FieldKind::{Secret, SecretJson, Text};

    fn check(fields: Vec<Field>, given: &[(&str, &str)]) -> Result<Vec<StoredField>, ConnectorError> {
        let given = given.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
        checked(&method("vault", "password", fields), given)
    }

    fn fault_of(kind: FieldKind, value: &str) -> Option<Fault> {
        match check(vec![field("f", kind)], &[("f", value)]) {
            Ok(_) => None,
            Err(ConnectorError::Value { fault, .. }) => Some(fault),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn fields_are_stored_in_the_method_s_order_with_its_kinds() {
        let mut key = field("key", SecretJson);
        key.public_members = vec!["id".to_owned()];
        let mut password = field("password", Secret);
        password.public_members = vec!["id".to_owned()];
        let optional = Field { required: false, ..field("note", Text) };
        let stored = check(vec![password, optional, key], &[("key", "{}"), ("password", "x")]).ok().unwrap();
        let shapes: Vec<_> =
            stored.iter().map(|field| (&*field.name, field.kind, field.public_members.len())).collect();
        // Only a JSON object has members.
        assert_eq!(shapes, [("password", StoredKind::Secret, 0), ("key", StoredKind::SecretJson, 1)]);
    }

    #[test]
    fn unknown_and_missing_fields_are_named() {
        let fields = || vec![field("username", Text), field("password", Secret)];
        match check(fields(), &[("user", "alice"), ("password", "x")]) {
            Err(ConnectorError::UnknownField { name, known, .. }) => {
                assert_eq!((name.as_str(), known.len()), ("user", 2));
            }
            _ => panic!("it was accepted"),
        }
        match check(fields(), &[("username", "alice")]) {
            Err(ConnectorError::MissingField { name, secret, .. }) => assert_eq!((&*name, secret), ("password", true)),
            _ => panic!("it was accepted"),
        }
    }

    #[test]
    fn a_value_must_be_of_its_field_s_kind() {
        let long = "x".repeat(limits::CREDENTIAL_BYTES);
        for (kind, value, fault) in [
            (Text, "alice", None),
            (Text, "", Some(Fault::Empty)),
            (Text, "a\nb", Some(Fault::Control)),
            (Text, "a\u{7f}", Some(Fault::Control)),
            (Secret, "", Some(Fault::Empty)),
            (Secret, "-----BEGIN\nKEY-----\n", None),
            (Secret, &long, None),
            (Secret, &format!("{long}x"), Some(Fault::TooLong)),
            (SecretJson, " {\"a\": [1, {}]}\n", None),
            (SecretJson, "{}", None),
            (SecretJson, "", Some(Fault::Empty)),
            (SecretJson, "[{}]", Some(Fault::NotJson)),
            (SecretJson, "\"{}\"", Some(Fault::NotJson)),
            (SecretJson, "{} {}", Some(Fault::NotJson)),
            (SecretJson, "{\"a\": 1", Some(Fault::NotJson)),
            (SecretJson, "{a: 1}", Some(Fault::NotJson)),
        ] {
            assert_eq!(fault_of(kind, value), fault, "{kind:?} {}", value.get(..20).unwrap_or(value));
        }
    }
}
