//! A connector that is lent to calls and stored nowhere.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::commands::Origins;
use super::error::ConnectorError;
use super::given::GivenValue;
use super::implicit_reads::ImplicitReads;
use super::open::OpenConnector;
use super::resolve::resolve;
use super::{fields, method};
use crate::environment::Environment;
use crate::flavor::{Description, SecretUses};
use crate::store::{ConnectorRecord, Name};
use crate::text::Escaped;

/// The values of a connector that is not stored. Without `Debug`: it holds secrets.
pub(crate) struct Unstored {
    /// Its auth method, as `TYPE/METHOD` or `METHOD`; may be absent where the flavor describes only one.
    pub(crate) method: Option<String>,
    /// Values by the names of the method's fields.
    pub(crate) fields: BTreeMap<String, SecretString>,
    /// Fields whose values are made for each use: by an id token of the machine, or by a program.
    pub(crate) made: BTreeMap<String, GivenValue>,
    /// The names of programs that may be run for fields that are left out.
    pub(crate) allow_commands: Vec<String>,
    /// Whether fields of an implicit method may be read on this machine.
    pub(crate) allow_implicit: bool,
}

/// A connector of the flavor with this description, whose secrets may be used for all that its auth method declares.
///
/// # Errors
/// When the flavor does not describe the auth method, or a field is missing, unknown or not of its kind.
pub(crate) fn unstored(
    given: Unstored,
    description: &Description,
    environment: &Environment,
) -> Result<OpenConnector, ConnectorError> {
    let Unstored { method, fields, made, allow_commands, allow_implicit } = given;
    let (connector_type, name) = match method.as_deref().map(|method| (method, method.split_once('/'))) {
        Some((_, Some((connector_type, name)))) => (connector_type.to_owned(), Some(name)),
        named => {
            let name = named.map(|(name, _)| name);
            (type_of(description, name)?, name)
        }
    };
    let method = method::find(std::slice::from_ref(description), &connector_type, name)?;
    // What is named for this very call is allowed by that.
    let asked: Vec<String> = made.keys().cloned().collect();
    let fields = fields.into_iter().map(|(name, value)| (name, value.into())).chain(made).collect();
    let fields = fields::checked(method, fields, &Origins::new(None, &allow_commands, environment))?;
    let reads = ImplicitReads::of_stored(fields.iter().filter(|field| !asked.contains(&field.name)));
    if !reads.is_empty() && !allow_implicit {
        return Err(ConnectorError::NotAllowed { method: method.to_string().into(), reads });
    }
    let uses: SecretUses = method.uses();
    let connector = ConnectorRecord {
        name: Name::unregistered(),
        connector_type,
        method: method.name.to_string(),
        fields,
        uses: serde_json::to_string(&uses).unwrap_or_default(),
    };
    resolve(connector, description, environment)
}

/// The type of the auth method of this name, or of the only one.
fn type_of(description: &Description, name: Option<&str>) -> Result<String, ConnectorError> {
    let is_meant = |method: &&crate::flavor::AuthMethod| name.is_none_or(|name| method.name.as_str() == name);
    let mut found = description.auth_methods.iter().filter(is_meant);
    match (found.next(), found.next()) {
        (Some(method), None) => Ok(method.connector_type.to_string()),
        _ => Err(ConnectorError::WhichMethod {
            flavor: description.name.clone(),
            given: name.map(|name| Escaped::new(name, 80)),
            known: description.auth_methods.iter().map(Escaped::of).collect(),
        }),
    }
}
