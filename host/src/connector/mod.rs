//! Connectors: credentials that the user stored, for flavors to use.
//!
//! A connector is of a type and an auth method that flavors describe. What its fields are, the description says at the time
//! when the connector is registered, and that holds for ever: no flavor that is registered or replaced later can turn a
//! secret into text, or a private member of a key file into a public one. What a flavor gets of a connector is what was
//! stored, and never more than its own description names.
//!
//! Secrets leave this module in one form only: as what a flavor may use and cannot read.

mod change;
mod error;
#[cfg(test)]
mod examples;
mod fields;
mod ini;
mod json;
mod method;
mod proof;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;

pub(crate) use error::ConnectorError;
pub(crate) use fields::check;
pub(crate) use method::{agree, find as find_method, of_type};
pub(crate) use proof::{Proof, Question, Untold, prove, resources};
pub(crate) use view::{fits, of, view};

use crate::catalog::Catalog;
use crate::flavor::Description;
use crate::implicit_sources::ImplicitSource;
use crate::store::{ConnectorRecord, Name, Store, StoredField, StoredValue};

/// What a user gives to register a connector. Without `Debug`: it holds secrets.
pub(crate) struct Registration {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method; none for the only one that its type has.
    pub(crate) method: Option<String>,
    /// The flavor whose description holds; none where all that describe the method agree.
    pub(crate) flavor: Option<String>,
    /// Values by the names of the method's fields.
    pub(crate) fields: BTreeMap<String, SecretString>,
    /// Whether fields of an implicit method may be read on this machine.
    pub(crate) allow_implicit: bool,
    /// How its credentials are proved before they are stored; none to store them unproved.
    pub(crate) question: Option<Question>,
}

/// What a user gives to change a connector. Without `Debug`: it holds secrets.
pub(crate) struct Change {
    /// The connector's name.
    pub(crate) name: Name,
    /// Its new name.
    pub(crate) rename: Option<Name>,
    /// The flavor whose description holds; none where all that describe the method agree.
    pub(crate) flavor: Option<String>,
    /// New values by the names of fields.
    pub(crate) fields: BTreeMap<String, SecretString>,
    /// Fields to remove.
    pub(crate) removed: Vec<String>,
    /// Whether fields of an implicit method may be read on this machine that were not before.
    pub(crate) allow_implicit: bool,
    /// How its credentials are proved before they are stored; none to store them unproved.
    pub(crate) question: Option<Question>,
}

/// A connector that was stored.
pub(crate) struct Kept {
    /// What was stored.
    pub(crate) connector: ConnectorRecord,
    /// Whom the other side takes its credentials for, or why no flavor can tell without a registry; none if that was not
    /// asked.
    pub(crate) proof: Option<Result<Proof, Untold>>,
}

/// Registers a connector once its fields are what flavors describe and its credentials are proved, where they can be.
///
/// # Errors
/// When the name is taken, no flavor describes the auth method or several do so differently, a field is missing, unknown or
/// not of its kind, or the credentials are not accepted; nothing is stored then.
pub(crate) async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
) -> Result<Kept, ConnectorError> {
    let Registration { name, connector_type, method, flavor, fields, allow_implicit, question } = registration;
    let descriptions = descriptions(catalog, flavor.as_deref()).await?;
    let method = method::find(&descriptions, &connector_type, method.as_deref())?;
    let fields = fields::checked(method, fields)?;
    let sought = sought(&fields);
    if !sought.is_empty() && !allow_implicit {
        return Err(ConnectorError::NotAllowed { method: method.to_string(), sought });
    }
    let connector = ConnectorRecord { name, connector_type, method: method.name.to_string(), fields };
    // Nobody is asked about what could not be stored.
    store.connector_is_free(&connector.name)?;
    let proof = proved(catalog, &connector, question).await?;
    store.add_connector(&connector)?;
    Ok(Kept { connector, proof })
}

/// Changes a connector once its fields are what its method describes and its credentials are proved, where they can be.
///
/// # Errors
/// As for [`register`]; when there is no such connector, or somebody changed it at the same time. It is what it was then.
pub(crate) async fn update(store: &Store, catalog: &Catalog<'_>, change: Change) -> Result<Kept, ConnectorError> {
    let Change { name, rename, flavor, fields, removed, allow_implicit, question } = change;
    let old = store.connector(&name)?;
    let mut new = ConnectorRecord { name: rename.unwrap_or(name), ..old.clone() };
    if new.name != old.name {
        store.connector_is_free(&new.name)?;
    }
    // Another name proves nothing, and needs no flavor.
    let mut proof = None;
    if !fields.is_empty() || !removed.is_empty() {
        let descriptions = descriptions(catalog, flavor.as_deref()).await?;
        let method = method::find(&descriptions, &old.connector_type, Some(&old.method))?;
        new.fields = change::changed(&old, method, fields, &removed)?;
        // What was allowed was to read a place for a field of this kind: as another it would be another matter.
        let fresh: Vec<StoredField> =
            new.fields.iter().filter(|field| !was_sought(&old.fields, field)).cloned().collect();
        let sought = sought(&fresh);
        if !sought.is_empty() && !allow_implicit {
            return Err(ConnectorError::NotAllowed { method: method.to_string(), sought });
        }
        proof = proved(catalog, &new, question).await?;
    }
    store.update_connector(&old, &new)?;
    Ok(Kept { connector: new, proof })
}

async fn proved(
    catalog: &Catalog<'_>,
    connector: &ConnectorRecord,
    question: Option<Question>,
) -> Result<Option<Result<Proof, Untold>>, ConnectorError> {
    match question {
        Some(question) => match prove(catalog, connector, &question).await {
            Ok(proof) => Ok(Some(proof)),
            Err(reason) => Err(ConnectorError::Unproved(Box::new(reason))),
        },
        None => Ok(None),
    }
}

/// What the named flavor says of itself, or every one.
async fn descriptions(catalog: &Catalog<'_>, flavor: Option<&str>) -> Result<Vec<Description>, ConnectorError> {
    Ok(match flavor {
        Some(flavor) => vec![catalog.get(flavor).await?.0.description().clone()],
        None => catalog.descriptions().await?,
    })
}

/// Whether a field was read on this machine already, from no other places, and just as secret.
fn was_sought(old: &[StoredField], field: &StoredField) -> bool {
    let (StoredValue::Sought(places), Some(old)) = (&field.value, old.iter().find(|old| old.name == field.name)) else {
        return false;
    };
    let StoredValue::Sought(known) = &old.value else { return false };
    let same = (old.kind, &old.public_members) == (field.kind, &field.public_members);
    same && places.iter().all(|place| known.contains(place))
}

/// The places that would be read, each once.
fn sought(fields: &[StoredField]) -> Vec<ImplicitSource> {
    let sources = fields.iter().filter_map(|field| match &field.value {
        StoredValue::Sought(sources) => Some(sources),
        StoredValue::Given(_) => None,
    });
    let places: BTreeSet<ImplicitSource> = sources.flatten().cloned().collect();
    places.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoredKind;

    fn field(name: &str, kind: StoredKind, public: &[&str], value: StoredValue) -> StoredField {
        let public_members = public.iter().map(|&name| name.to_owned()).collect();
        StoredField { name: name.to_owned(), kind, public_members, value }
    }

    #[test]
    fn leave_to_read_a_place_is_for_one_field_and_how_secret_it_is() {
        let at = |name: &str| StoredValue::Sought(vec![ImplicitSource::Env(name.to_owned())]);
        let old = [
            field("key", StoredKind::SecretJson, &["id"], at("KEY")),
            field("token", StoredKind::Secret, &[], at("TOKEN")),
            field("given", StoredKind::Secret, &[], StoredValue::Given("x".to_owned().into())),
        ];
        assert!(was_sought(&old, &old[0]) && was_sought(&old, &old[1]));
        for other in [
            field("note", StoredKind::Text, &[], at("TOKEN")),
            field("token", StoredKind::Text, &[], at("TOKEN")),
            field("token", StoredKind::Secret, &[], at("KEY")),
            field("key", StoredKind::SecretJson, &["id", "private"], at("KEY")),
            field("given", StoredKind::Secret, &[], at("TOKEN")),
        ] {
            assert!(!was_sought(&old, &other), "{}", other.name);
        }
    }
}
