//! Connectors: credentials that the user stored, for flavors to use.
//!
//! A connector is of a type and an auth method that flavors describe. What its fields are, the description says at the time
//! when the connector is registered, and that holds for ever: no flavor that is registered or replaced later can turn a
//! secret into text, or a private member of a key file into a public one. What a flavor gets of a connector is what was
//! stored, and never more than its own description names.
//!
//! Secrets leave this module in one form only: as what a flavor may use and cannot read.

mod error;
#[cfg(test)]
mod examples;
mod fields;
mod ini;
mod method;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

pub use error::{ConnectorError, Fault};
pub use view::{of, view};

use crate::flavor::Catalog;
use crate::machine::Source;
use crate::store::{ConnectorRecord, Name, Store, StoredField, StoredValue};

/// What a user gives to register a connector. Without `Debug`: it holds secrets.
pub struct Registration {
    /// The user's name for it.
    pub name: Name,
    /// Its type, as flavors name it.
    pub connector_type: String,
    /// The name of its auth method; none for the only one that its type has.
    pub method: Option<String>,
    /// The flavor whose description holds; none where all that describe the method agree.
    pub flavor: Option<String>,
    /// Values by the names of the method's fields.
    pub fields: BTreeMap<String, SecretString>,
    /// Whether fields of an implicit method may be read on this machine.
    pub allow_implicit: bool,
}

/// Registers a connector once its fields are what flavors describe. Gives what was stored.
///
/// # Errors
/// When the name is taken, no flavor describes the auth method or several do so differently, or a field is missing, unknown
/// or not of its kind; nothing is stored then.
pub async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
) -> Result<ConnectorRecord, ConnectorError> {
    let Registration { name, connector_type, method, flavor, fields, allow_implicit } = registration;
    let descriptions = match flavor {
        Some(flavor) => vec![catalog.get(&flavor).await?.0.description().clone()],
        None => catalog.descriptions().await?,
    };
    let method = method::find(&descriptions, &connector_type, method.as_deref())?;
    let fields = fields::checked(method, fields)?;
    let sought = sought(&fields);
    if !sought.is_empty() && !allow_implicit {
        return Err(ConnectorError::NotAllowed { method: method.to_string(), sought });
    }
    let connector = ConnectorRecord { name, connector_type, method: method.name.to_string(), fields };
    store.add_connector(&connector)?;
    Ok(connector)
}

/// The places that would be read, each once.
fn sought(fields: &[StoredField]) -> Vec<Source> {
    let sources = fields.iter().filter_map(|field| match &field.value {
        StoredValue::Sought(sources) => Some(sources),
        StoredValue::Given(_) => None,
    });
    let places: BTreeSet<Source> = sources.flatten().cloned().collect();
    places.into_iter().collect()
}
