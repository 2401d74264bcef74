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
mod method;
mod view;

use std::collections::BTreeMap;

use secrecy::SecretString;

pub use error::{ConnectorError, Fault};
pub use view::{of, view};

use crate::flavor::Catalog;
use crate::store::{ConnectorRecord, Name, Store};

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
    let Registration { name, connector_type, method, flavor, fields } = registration;
    let descriptions = match flavor {
        Some(flavor) => vec![catalog.get(&flavor).await?.0.description().clone()],
        None => catalog.descriptions().await?,
    };
    let method = method::find(&descriptions, &connector_type, method.as_deref())?;
    let fields = fields::checked(method, fields)?;
    let connector = ConnectorRecord { name, connector_type, method: method.name.to_string(), fields };
    store.add_connector(&connector)?;
    Ok(connector)
}
