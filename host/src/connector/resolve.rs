//! Resolves a connector to the values that a flavor may use.

use secrecy::{ExposeSecret as _, SecretString};

use super::error::ConnectorError;
use super::fields;
use super::open::{IssuedField, Made, OpenConnector, RunField, filled_in, text_of};
use super::shape::Shape;
use super::token_error::TokenError;
use crate::environment::Environment;
use crate::flavor::{AuthMethod, ConnectorView, Description, Field, limits};
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::{self, Command, Found};
use crate::store::{ConnectorRecord, ConnectorSummary, Name, RegistryRecord, Store, StoredField, StoredValue};
use crate::text::Escaped;

/// The connector of a registry for the flavor with this description; absent if the registry has no connector.
///
/// # Errors
/// When the connector can't be opened, or the flavor can't use it.
pub(crate) fn of_registry(
    store: &Store,
    registry: &RegistryRecord,
    description: &Description,
    environment: &Environment,
) -> Result<Option<OpenConnector>, ConnectorError> {
    match &registry.connector {
        Some(name) => resolve(store.connector(name)?, description, environment).map(Some),
        None => Ok(None),
    }
}

/// The auth method of this flavor that the connector of a registry has, if it has one. The connector is not opened.
///
/// # Errors
/// When there is no such connector, or the flavor has no auth method of its type and name.
pub(crate) fn method_of<'a>(
    store: &Store,
    registry: &RegistryRecord,
    description: &'a Description,
) -> Result<Option<&'a AuthMethod>, ConnectorError> {
    let Some(name) = &registry.connector else { return Ok(None) };
    let ConnectorSummary { connector_type, method, .. } = store.connector_summary(name)?;
    described(name, &connector_type, &method, description).map(Some)
}

/// The auth method of a connector's type and name.
fn described<'a>(
    connector: &Name,
    connector_type: &str,
    method: &str,
    description: &'a Description,
) -> Result<&'a AuthMethod, ConnectorError> {
    description.auth_method(connector_type, method).ok_or_else(|| ConnectorError::OtherMethod {
        connector: connector.clone(),
        method: format!("{connector_type}/{method}").into(),
        flavor: description.name.clone(),
        known: description.auth_methods.iter().map(Escaped::of).collect(),
    })
}

/// The fields that both the connector and the flavor's description have. A stored secret stays a secret even if the
/// description calls it text; a member of a JSON object is public only if both the record and the description say so.
///
/// # Errors
/// When the flavor has no auth method of the connector's type and name, or one that needs a field that was not stored;
/// when an implicit value is not on the machine or not of its field's kind. Whether an id token can be had, and a
/// program gives a value, shows when it is lent.
pub(super) fn resolve(
    connector: ConnectorRecord,
    description: &Description,
    environment: &Environment,
) -> Result<OpenConnector, ConnectorError> {
    let ConnectorRecord { name, connector_type, method, fields, uses } = connector;
    let described = described(&name, &connector_type, &method, description)?;
    let is_stored = |field: &Field| fields.iter().any(|stored| stored.name == field.name.as_str());
    if let Some(field) = described.fields.iter().find(|field| field.required && !is_stored(field)) {
        return Err(ConnectorError::Outdated {
            connector: name,
            flavor: description.name.clone(),
            field: field.name.to_string().into(),
        });
    }
    let (mut resolved, mut to_issue, mut to_run) = (Vec::new(), Vec::new(), Vec::new());
    for stored in fields {
        let Some(field) = described.fields.iter().find(|field| field.name.as_str() == stored.name) else { continue };
        match given(&name, &stored, environment)? {
            Some(Resolved::Value(value)) => resolved.push((stored.name.clone(), Shape::new(&stored, field).of(value))),
            Some(Resolved::IdToken(audience, from)) => to_issue.push((stored.name, audience, from, field.required)),
            Some(Resolved::Command(command)) => to_run.push((Shape::new(&stored, field), command)),
            None if field.required => return Err(not_found(name, stored)),
            None => {}
        }
    }
    // Those of a version that kept none are for nothing until the user renews them.
    let uses = serde_json::from_str(&uses).unwrap_or_default();
    // Its placeholders are text fields, which all have their values now.
    let mut issued = Vec::new();
    for (field, audience, from, required) in to_issue {
        let audience = filled_in(&audience, &resolved).map_err(|missing| {
            let (connector, field) = (name.clone(), field.as_str().into());
            Box::new(TokenError::Placeholder { connector, field, missing: missing.into() })
        })?;
        issued.push(IssuedField { name: field, audience, from, required });
    }
    let text = |name: &str| text_of(&resolved, name);
    let run = to_run.into_iter().map(|(shape, command)| RunField { shape, command: command.filled_in(text) }).collect();
    let view = ConnectorView { fields: resolved, connector_type, method, uses };
    Ok(OpenConnector::new(name, view, Made { issued, run }, environment))
}

/// What a stored field comes to.
enum Resolved {
    /// A value.
    Value(SecretString),
    /// An id token for this audience, from there.
    IdToken(String, IdTokenFrom),
    /// The output of this program.
    Command(Command),
}

/// The value of a stored field; absent if it is implicit and in none of its sources.
fn given(
    connector: &Name,
    stored: &StoredField,
    environment: &Environment,
) -> Result<Option<Resolved>, ConnectorError> {
    let sources = match &stored.value {
        StoredValue::Given(value) => return Ok(Some(Resolved::Value(value.clone()))),
        StoredValue::Implicit(sources) => sources,
    };
    let field = || stored.name.clone();
    let found = implicit_sources::find(sources, environment, limits::CREDENTIAL_BYTES);
    let found = found.map_err(|reason| ConnectorError::Machine {
        connector: connector.clone(),
        field: field().into(),
        reason,
    })?;
    let (found, value) = match found {
        None => return Ok(None),
        Some(Found::IdToken(audience, from)) => return Ok(Some(Resolved::IdToken(audience.to_owned(), from.clone()))),
        Some(Found::Command(command)) => return Ok(Some(Resolved::Command(command.clone()))),
        Some(Found::Value(found, value)) => (found, value),
    };
    match fields::fault(stored.kind, value.expose_secret()) {
        None => Ok(Some(Resolved::Value(value))),
        Some(fault) => Err(ConnectorError::Found {
            connector: connector.clone(),
            field: field().into(),
            found: Box::new(found.clone()),
            fault,
        }),
    }
}

fn not_found(connector: Name, stored: StoredField) -> ConnectorError {
    let sources = match stored.value {
        StoredValue::Implicit(sources) => sources,
        StoredValue::Given(_) => Vec::new(),
    };
    ConnectorError::NotFound { connector, field: stored.name.into(), sources }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{description, field, method};
    use super::*;
    use crate::flavor::{FieldKind, FieldValue, Secret};
    use crate::store::StoredKind;

    fn members(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    /// A stored connector of type `vault` and method `all`, with a field of each kind.
    fn stored() -> ConnectorRecord {
        let field = |name: &str, kind, public: &[&str], value: &str| StoredField {
            name: name.to_owned(),
            kind,
            public_members: members(public),
            value: StoredValue::Given(value.into()),
        };
        ConnectorRecord {
            name: "prod".parse().unwrap(),
            connector_type: "vault".to_owned(),
            uses: String::new(),
            method: "all".to_owned(),
            fields: vec![
                field("username", StoredKind::Text, &[], "alice"),
                field("password", StoredKind::Secret, &[], r#"{"id":"p"}"#),
                field("key", StoredKind::SecretJson, &["id", "project"], r#"{"id":"a","project":"b","private":"c"}"#),
            ],
        }
    }

    fn seen_by(fields: Vec<Field>) -> Vec<(String, FieldValue)> {
        resolve(stored(), &description("vault", vec![method("vault", "all", fields)]), &Environment::default())
            .ok()
            .unwrap()
            .kept()
            .fields
            .clone()
    }

    #[track_caller]
    fn secret(value: &FieldValue) -> &Secret {
        match value {
            FieldValue::Secret(secret) => secret,
            FieldValue::Text(_) => panic!("a secret became text"),
        }
    }

    #[test]
    fn a_flavor_gets_the_fields_that_its_method_describes() {
        let fields = seen_by(vec![field("password", FieldKind::Secret), field("username", FieldKind::Text)]);
        assert_eq!(fields.len(), 2);
        assert!(matches!(&fields[0], (name, FieldValue::Text(text)) if name == "username" && text == "alice"));
        assert_eq!(fields[1].0, "password");
        secret(&fields[1].1);
    }

    #[test]
    fn a_description_that_calls_a_secret_text_does_not_make_it_readable() {
        let fields = seen_by(vec![field("password", FieldKind::Text), field("key", FieldKind::Text)]);
        assert_eq!(fields.len(), 2);
        for (_, value) in &fields {
            assert_eq!(secret(value).public_member("id"), None);
        }
    }

    #[test]
    fn a_description_that_calls_a_private_member_public_does_not_make_it_so() {
        let all = members(&["id", "private"]);
        let described = |name: &str| Field { public_members: all.clone(), ..field(name, FieldKind::SecretJson) };
        let fields = seen_by(vec![described("password"), described("key")]);
        // A plain secret has no members, even if its text is JSON.
        assert_eq!(secret(&fields[0].1).public_member("id"), None);
        let key = secret(&fields[1].1);
        assert_eq!(key.public_member("id").as_deref(), Some("a"));
        assert_eq!(key.public_member("private"), None);
        assert!(key.member("private").is_some());
        // Public in the record, but not in this description.
        assert_eq!(key.public_member("project"), None);
    }

    #[test]
    fn what_was_stored_as_text_stays_text() {
        let fields = seen_by(vec![field("username", FieldKind::Secret)]);
        assert!(matches!(&fields[0].1, FieldValue::Text(text) if text == "alice"));
    }

    #[test]
    fn a_flavor_without_the_method_gets_nothing() {
        for other in [method("vault", "other", vec![]), method("other", "all", vec![])] {
            let known = format!("{}/{}", other.connector_type, other.name);
            match resolve(stored(), &description("vault", vec![other]), &Environment::default()) {
                Err(ConnectorError::OtherMethod { known: methods, .. }) => assert_eq!(methods, [known]),
                _ => panic!("it got something"),
            }
        }
    }

    #[test]
    fn a_field_that_the_flavor_needs_and_that_was_not_stored_is_named() {
        let described = vec![method("vault", "all", vec![field("token", FieldKind::Secret)])];
        match resolve(stored(), &description("vault", described), &Environment::default()) {
            Err(ConnectorError::Outdated { field, .. }) => assert_eq!(field, "token"),
            _ => panic!("it got something"),
        }
    }
}
