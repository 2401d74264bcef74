//! Changes of a stored connector: stored fields keep their kind, new fields get theirs from the auth method.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::command_error::CommandFault;
use super::commands::{self, Origins};
use super::error::ConnectorError;
use super::fields;
use super::given::{self, GivenValue};
use super::token_error::TokenError;
use crate::flavor::{AuthMethod, Field};
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::ImplicitSource;
use crate::store::{ConnectorRecord, Name, StoredField, StoredKind, StoredValue};
use crate::text::Escaped;

/// The fields of a connector with some values replaced and some fields removed, in the method's order. A stored field
/// keeps its kind and its public members for ever. A program that is allowed by its name takes the place of a value.
pub(super) fn changed(
    old: &ConnectorRecord,
    method: &AuthMethod,
    mut given: BTreeMap<String, GivenValue>,
    removed: &[String],
    origins: &Origins<'_>,
) -> Result<Vec<StoredField>, ConnectorError> {
    let stored = |name: &str| old.fields.iter().find(|field| field.name == name);
    fields::all_known(method, given.keys().map(String::as_str))?;
    if let Some(name) = removed.iter().find(|name| given.contains_key(*name)) {
        return Err(ConnectorError::SetAndRemoved(Escaped::new(name, 80)));
    }
    if let Some(name) = removed.iter().find(|name| stored(name).is_none()) {
        return Err(ConnectorError::NotStored {
            connector: old.name.clone(),
            field: Escaped::new(name, 80),
            stored: old.fields.iter().map(|field| field.name.as_str().into()).collect(),
        });
    }
    origins.check(method)?;
    let mut new = Vec::new();
    for field in &method.fields {
        let name = field.name.as_str();
        let allowed = origins.allowed_for(field)?;
        let is_kept = allowed.is_none() && !removed.iter().any(|removed| removed == name);
        let kept = stored(name).filter(|_| is_kept);
        match (given.remove(name), stored(name)) {
            (Some(GivenValue::IdToken { audience }), stored) => {
                let source = given::id_token(method, field, audience, origins.id_tokens())?;
                new.push(issued(method, field, stored, source)?);
            }
            (Some(GivenValue::Command(command)), stored) => {
                let source = origins.written(method, field, &command)?;
                new.push(made(&old.name, stored, fields::implicit(field, vec![source]))?);
            }
            (Some(GivenValue::Read(path)), stored) => {
                let source = commands::read(method, field, path)?;
                new.push(made(&old.name, stored, fields::implicit(field, vec![source]))?);
            }
            (Some(GivenValue::Variable(name)), stored) => {
                let source = ImplicitSource::Env(name);
                new.push(made(&old.name, stored, fields::implicit(field, vec![source]))?);
            }
            (Some(GivenValue::Value(value)), Some(stored)) => new.push(replaced(stored, value)?),
            (Some(GivenValue::Value(value)), None) => new.push(fields::stored(field, value)?),
            (None, _) => match kept {
                Some(kept) => {
                    new.push(origins.id_tokens.as_ref().map_or_else(|| kept.clone(), |from| moved(kept, from)))
                }
                None => match fields::absent(method, field, origins)? {
                    Some(absent) if allowed.is_some() => new.push(made(&old.name, stored(name), absent)?),
                    absent => new.extend(absent),
                },
            },
        }
    }
    // The method no longer describes these fields; they stay, since the user did not remove them.
    let described = |field: &&StoredField| method.fields.iter().any(|known| known.name.as_str() == field.name);
    let others = old.fields.iter().filter(|field| !described(field) && !removed.contains(&field.name));
    new.extend(others.cloned());
    Ok(new)
}

/// A field that takes an id token, in the place of a stored one that is a plain secret too.
fn issued(
    method: &AuthMethod,
    field: &Field,
    stored: Option<&StoredField>,
    source: ImplicitSource,
) -> Result<StoredField, ConnectorError> {
    match stored {
        Some(stored) if stored.kind != StoredKind::Secret => {
            let (method, field) = (method.to_string().into(), stored.name.clone().into());
            Err(Box::new(TokenError::NoTokenField { method, field }).into())
        }
        _ => Ok(fields::implicit(field, vec![source])),
    }
}

/// A field that takes the output of a program, or a file, in the place of a stored one that is as secret.
fn made(connector: &Name, stored: Option<&StoredField>, field: StoredField) -> Result<StoredField, ConnectorError> {
    match stored {
        Some(stored) if (stored.kind, &stored.public_members) != (field.kind, &field.public_members) => {
            let (connector, field) = (connector.clone(), field.name.into());
            Err(Box::new(CommandFault::OtherKind { connector, field }).into())
        }
        _ => Ok(field),
    }
}

/// A stored field with id tokens from elsewhere.
fn moved(stored: &StoredField, from: &IdTokenFrom) -> StoredField {
    let value = match &stored.value {
        StoredValue::Implicit(sources) => {
            StoredValue::Implicit(sources.iter().cloned().map(|source| source.with_id_tokens_from(from)).collect())
        }
        given @ StoredValue::Given(_) => given.clone(),
    };
    StoredField { value, ..stored.clone() }
}

fn replaced(stored: &StoredField, value: SecretString) -> Result<StoredField, ConnectorError> {
    match fields::fault(stored.kind, value.expose_secret()) {
        Some(fault) => Err(ConnectorError::Value { field: stored.name.clone().into(), fault }),
        None => Ok(StoredField { value: StoredValue::Given(value), ..stored.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{field, method};
    use super::*;
    use crate::environment::Environment;
    use crate::flavor::FieldKind::{self, Secret, SecretJson, Text};

    /// The method of the tests; `note` is optional.
    fn described() -> AuthMethod {
        let note = Field { required: false, ..field("note", Text) };
        method("vault", "password", vec![field("username", Text), field("password", Secret), note])
    }

    fn registered() -> ConnectorRecord {
        let given = [("username", "alice"), ("password", "x"), ("note", "n")];
        let given = given.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        ConnectorRecord {
            name: "prod".parse().unwrap(),
            connector_type: "vault".to_owned(),
            method: "password".to_owned(),
            fields: fields::checked(&described(), given, &Origins::new(None, &[], &Environment::default()))
                .ok()
                .unwrap(),
            uses: String::new(),
        }
    }

    fn change(
        method: &AuthMethod,
        given: &[(&str, &str)],
        removed: &[&str],
    ) -> Result<Vec<(String, StoredKind, String)>, ConnectorError> {
        let given = given.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
        let removed: Vec<String> = removed.iter().map(|&name| name.to_owned()).collect();
        let origins = Origins::new(None, &[], &Environment::default());
        let fields = changed(&registered(), method, given, &removed, &origins)?;
        let value = |value: &StoredValue| match value {
            StoredValue::Given(value) => value.expose_secret().to_owned(),
            StoredValue::Implicit(_) => "implicit".to_owned(),
        };
        Ok(fields.iter().map(|field| (field.name.clone(), field.kind, value(&field.value))).collect())
    }

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let fields = change(&described(), &[("password", "y")], &["note"]).ok().unwrap();
        let expected = [("username", StoredKind::Text, "alice"), ("password", StoredKind::Secret, "y")];
        assert_eq!(fields, expected.map(|(name, kind, value)| (name.to_owned(), kind, value.to_owned())));
    }

    #[test]
    fn a_secret_stays_a_secret_whatever_the_method_calls_it_now() {
        let now = method("vault", "password", vec![field("username", SecretJson), field("password", Text)]);
        let fields = change(&now, &[("username", "bob"), ("password", "y")], &[]).ok().unwrap();
        let kinds: Vec<StoredKind> = fields.iter().map(|(_, kind, _)| *kind).collect();
        assert_eq!(kinds, [StoredKind::Text, StoredKind::Secret, StoredKind::Text]);
        // A text field stays one line of text.
        assert!(matches!(change(&now, &[("username", "a\nb")], &[]), Err(ConnectorError::Value { .. })));
    }

    #[test]
    fn what_the_method_needs_can_t_be_removed_and_what_is_not_there_neither() {
        let refused = |given: &[(&str, &str)], removed: &[&str]| change(&described(), given, removed).unwrap_err();
        assert!(matches!(refused(&[], &["password"]), ConnectorError::MissingField { name, .. } if name == "password"));
        assert!(matches!(refused(&[], &["token"]), ConnectorError::NotStored { field, .. } if field == "token"));
        assert!(matches!(refused(&[("token", "x")], &[]), ConnectorError::UnknownField { .. }));
        assert!(matches!(refused(&[("note", "x")], &["note"]), ConnectorError::SetAndRemoved(_)));
    }

    #[test]
    fn a_removed_field_of_an_implicit_method_is_read_from_then_on() {
        let mut implicit = described();
        implicit.implicit = true;
        for field in &mut implicit.fields {
            field.sources = vec![ImplicitSource::Env("VAULT".to_owned())];
            assert!(matches!(field.kind, FieldKind::Text | FieldKind::Secret));
        }
        let fields = change(&implicit, &[], &["password"]).ok().unwrap();
        let values: Vec<&str> = fields.iter().map(|(_, _, value)| value.as_str()).collect();
        assert_eq!(values, ["alice", "implicit", "n"]);
    }
}
