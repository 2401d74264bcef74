//! Checks the fields that the user gives against an auth method.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::commands::{self, Origins};
use super::error::ConnectorError;
use super::given::{self, GivenValue};
use super::value_fault::ValueFault;
use super::{ini, json};
use crate::flavor::{AuthMethod, Field, FieldKind, limits};
use crate::implicit_sources::ImplicitSource;
use crate::store::{StoredField, StoredKind, StoredValue};
use crate::text::Escaped;

/// The given values as fields of a method, in the method's order, and those that have another origin.
pub(super) fn checked(
    method: &AuthMethod,
    mut given: BTreeMap<String, GivenValue>,
    origins: &Origins<'_>,
) -> Result<Vec<StoredField>, ConnectorError> {
    all_known(method, given.keys().map(String::as_str))?;
    origins.check(method)?;
    let mut fields = Vec::new();
    for field in &method.fields {
        match given.remove(field.name.as_str()) {
            Some(GivenValue::IdToken { audience }) => {
                let source = given::id_token(method, field, audience, origins.id_tokens())?;
                fields.push(implicit(field, vec![source]));
            }
            Some(GivenValue::Command(command)) => {
                fields.push(implicit(field, vec![origins.written(method, field, &command)?]));
            }
            Some(GivenValue::Read(path)) => fields.push(implicit(field, vec![commands::read(method, field, path)?])),
            Some(GivenValue::Variable(name)) => fields.push(implicit(field, vec![ImplicitSource::Env(name)])),
            Some(GivenValue::Value(value)) => {
                let is_password =
                    field.kind == FieldKind::Secret && method.registry_password.as_ref() == Some(&field.name);
                // It becomes a header of HTTP as it is: a line break more at its end would fail in each push.
                if is_password && value.expose_secret().chars().any(char::is_control) {
                    let field = field.name.to_string().into();
                    return Err(ConnectorError::Value { field, fault: ValueFault::Control });
                }
                fields.push(stored(field, value)?);
            }
            None => fields.extend(absent(method, field, origins)?),
        }
    }
    Ok(fields)
}

/// Refuses names that the method has no field for.
pub(super) fn all_known<'a>(
    method: &AuthMethod,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), ConnectorError> {
    let known = |name: &str| method.fields.iter().any(|field| field.name.as_str() == name);
    match names.into_iter().find(|name| !known(name)) {
        Some(name) => Err(ConnectorError::UnknownField {
            method: method.to_string().into(),
            name: Escaped::new(name, 80),
            known: method.fields.iter().map(|field| field.name.as_str().into()).collect(),
        }),
        None => Ok(()),
    }
}

/// The stored form of a field without a value: implicit, or absent if the field is optional.
pub(super) fn absent(
    method: &AuthMethod,
    field: &Field,
    origins: &Origins<'_>,
) -> Result<Option<StoredField>, ConnectorError> {
    let sources = method.sources_of(field).into_iter();
    let mut sources: Vec<_> = sources.map(|source| source.with_id_tokens_from(origins.id_tokens())).collect();
    if let Some(command) = origins.allowed_for(field)? {
        // An id token counts as there until it is requested: a program behind it would never run.
        sources.retain(|source| !source.is_id_token());
        sources.push(command);
    }
    if !sources.is_empty() {
        Ok(Some(implicit(field, sources)))
    } else if field.required {
        Err(ConnectorError::MissingField {
            method: method.to_string().into(),
            name: field.name.to_string().into(),
            summary: field.summary.clone().into(),
            secret: field.kind != FieldKind::Text,
            command: field.commands().find_map(|command| command.name.as_deref()).map(Into::into),
        })
    } else {
        Ok(None)
    }
}

/// A field with a value of its kind.
pub(super) fn stored(field: &Field, value: SecretString) -> Result<StoredField, ConnectorError> {
    let described = implicit(field, Vec::new());
    match fault(described.kind, value.expose_secret()) {
        Some(fault) => Err(ConnectorError::Value { field: field.name.to_string().into(), fault }),
        None => Ok(StoredField { value: StoredValue::Given(value), ..described }),
    }
}

/// A field whose value is read from these sources for every use.
pub(super) fn implicit(field: &Field, sources: Vec<ImplicitSource>) -> StoredField {
    let kind = kind(field.kind);
    let has_members = matches!(kind, StoredKind::SecretJson | StoredKind::SecretIni);
    let public_members = if has_members { field.public_members.clone() } else { Vec::new() };
    let value = StoredValue::Implicit(sources);
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

/// Checks a value for a field, for interactive questions.
///
/// # Errors
/// The fault of the value; its message holds no part of the value.
pub(crate) fn check(field: &Field, value: &str) -> Result<(), ValueFault> {
    fault(kind(field.kind), value).map_or(Ok(()), Err)
}

/// The fault of a value; its message holds no part of the value.
pub(super) fn fault(kind: StoredKind, value: &str) -> Option<ValueFault> {
    if value.is_empty() {
        Some(ValueFault::Empty)
    } else if value.len() > limits::CREDENTIAL_BYTES {
        Some(ValueFault::TooLong)
    } else if kind == StoredKind::Text && value.chars().any(char::is_control) {
        Some(ValueFault::Control)
    } else if kind == StoredKind::SecretJson && json::to_json(value).is_none() {
        Some(ValueFault::NotJson)
    } else if kind == StoredKind::SecretIni && ini::to_json(value).is_none() {
        Some(ValueFault::NotIni)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{field, method};
    use super::*;
    use crate::environment::Environment;
    use FieldKind::{Secret, SecretJson, Text};

    fn check(fields: Vec<Field>, given: &[(&str, &str)]) -> Result<Vec<StoredField>, ConnectorError> {
        let given = given.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
        checked(&method("vault", "password", fields), given, &Origins::new(None, &[], &Environment::default()))
    }

    fn fault_of(kind: FieldKind, value: &str) -> Option<ValueFault> {
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
            (Text, "", Some(ValueFault::Empty)),
            (Text, "a\nb", Some(ValueFault::Control)),
            (Text, "a\u{7f}", Some(ValueFault::Control)),
            (Secret, "", Some(ValueFault::Empty)),
            (Secret, "-----BEGIN\nKEY-----\n", None),
            (Secret, &long, None),
            (Secret, &format!("{long}x"), Some(ValueFault::TooLong)),
            (SecretJson, " {\"a\": [1, {}]}\n", None),
            (SecretJson, "{}", None),
            (SecretJson, "", Some(ValueFault::Empty)),
            (SecretJson, "[{}]", Some(ValueFault::NotJson)),
            (SecretJson, "\"{}\"", Some(ValueFault::NotJson)),
            (SecretJson, "{} {}", Some(ValueFault::NotJson)),
            (SecretJson, "{\"a\": 1", Some(ValueFault::NotJson)),
            (SecretJson, "{a: 1}", Some(ValueFault::NotJson)),
        ] {
            assert_eq!(fault_of(kind, value), fault, "{kind:?} {}", value.get(..20).unwrap_or(value));
        }
    }
}
