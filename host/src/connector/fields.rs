//! Whether what the user gives is what an auth method describes.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::{ConnectorError, Fault};
use super::{ini, json};
use crate::flavor::{AuthMethod, Field, FieldKind, limits};
use crate::store::{StoredField, StoredKind, StoredValue};

/// The given values as fields of a method, in its order.
pub(super) fn checked(
    method: &AuthMethod,
    mut given: BTreeMap<String, SecretString>,
) -> Result<Vec<StoredField>, ConnectorError> {
    all_known(method, given.keys().map(String::as_str))?;
    let mut fields = Vec::new();
    for field in &method.fields {
        match given.remove(field.name.as_str()) {
            Some(value) => fields.push(stored(field, value)?),
            None => fields.extend(absent(method, field)?),
        }
    }
    Ok(fields)
}

/// Finds fault with names that are none of the method's fields.
pub(super) fn all_known<'a>(
    method: &AuthMethod,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), ConnectorError> {
    let known = |name: &str| method.fields.iter().any(|field| field.name.as_str() == name);
    match names.into_iter().find(|name| !known(name)) {
        Some(name) => Err(ConnectorError::UnknownField {
            method: method.to_string(),
            name: crate::text::printable(name, 80),
            known: method.fields.iter().map(|field| field.name.to_string()).collect(),
        }),
        None => Ok(()),
    }
}

/// What is stored of a field without a value; none if a connector can do without it.
pub(super) fn absent(method: &AuthMethod, field: &Field) -> Result<Option<StoredField>, ConnectorError> {
    if method.implicit && !field.sources.is_empty() {
        Ok(Some(sought(field)))
    } else if field.required {
        Err(ConnectorError::MissingField {
            method: method.to_string(),
            name: field.name.to_string(),
            summary: field.summary.clone(),
            secret: field.kind != FieldKind::Text,
        })
    } else {
        Ok(None)
    }
}

/// A field with a value of its kind.
pub(super) fn stored(field: &Field, value: SecretString) -> Result<StoredField, ConnectorError> {
    let described = sought(field);
    match fault(described.kind, value.expose_secret()) {
        Some(fault) => Err(ConnectorError::Value { field: field.name.to_string(), fault }),
        None => Ok(StoredField { value: StoredValue::Given(value), ..described }),
    }
}

/// A field that is read when it is needed.
fn sought(field: &Field) -> StoredField {
    let kind = kind(field.kind);
    let has_members = matches!(kind, StoredKind::SecretJson | StoredKind::SecretIni);
    let public_members = if has_members { field.public_members.clone() } else { Vec::new() };
    let value = StoredValue::Sought(field.sources.clone());
    StoredField { name: field.name.to_string(), kind, public_members, value }
}

/// The kind that a field is stored as.
fn kind(described: FieldKind) -> StoredKind {
    match described {
        FieldKind::Text => StoredKind::Text,
        FieldKind::Secret => StoredKind::Secret,
        FieldKind::SecretJson => StoredKind::SecretJson,
        FieldKind::SecretIni => StoredKind::SecretIni,
    }
}

/// Whether a value would do for a field, for whoever asks before all is there.
///
/// # Errors
/// What is wrong with it, in words that say nothing of it.
pub(crate) fn check(field: &Field, value: &str) -> Result<(), Fault> {
    fault(kind(field.kind), value).map_or(Ok(()), Err)
}

/// What is wrong with a value, in words that say nothing of it.
pub(super) fn fault(kind: StoredKind, value: &str) -> Option<Fault> {
    if value.is_empty() {
        Some(Fault::Empty)
    } else if value.len() > limits::CREDENTIAL_BYTES {
        Some(Fault::TooLong)
    } else if kind == StoredKind::Text && value.chars().any(char::is_control) {
        Some(Fault::Control)
    } else if kind == StoredKind::SecretJson && json::to_json(value).is_none() {
        Some(Fault::NotJson)
    } else if kind == StoredKind::SecretIni && ini::to_json(value).is_none() {
        Some(Fault::NotIni)
    } else {
        None
    }
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
