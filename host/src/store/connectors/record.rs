//! The record of a connector, and how two of them differ.

use crate::store::fields::{self, StoredField};
use crate::store::name::Name;
use crate::store::put::Difference;
use crate::text::Escaped;

/// A connector with its fields. Without `Debug`: it holds secrets.
#[derive(Clone)]
pub(crate) struct ConnectorRecord {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
    /// The fields of the method, with the user's values.
    pub(crate) fields: Vec<StoredField>,
    /// What its secrets may be used for, as JSON; empty in a store of a version that did not keep it.
    pub(crate) uses: String,
}

/// The unsealed part of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectorSummary {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
}

/// The parts in which a given connector differs from a stored one. Of secrets, only their fields.
pub(super) fn differences(stored: &ConnectorRecord, given: &ConnectorRecord) -> Vec<Difference> {
    let mut found = Vec::from_iter(Difference::of("type", Some(&stored.connector_type), Some(&given.connector_type)));
    found.extend(Difference::of("auth method", Some(&stored.method), Some(&given.method)));
    let more = given.fields.iter().filter(|field| !stored.fields.iter().any(|known| known.name == field.name));
    for StoredField { name, .. } in stored.fields.iter().chain(more) {
        let of = |one: &ConnectorRecord| one.fields.iter().find(|field| field.name == *name).cloned();
        found.extend(fields::difference(name, of(stored).as_ref(), of(given).as_ref()));
    }
    // Beside other differences, too: whoever reads them has to know that the secrets would go elsewhere.
    if stored.uses != given.uses || (found.is_empty() && !is_same(stored, given)) {
        found.push(Difference::secret("permitted uses of its secrets"));
    }
    found
}

/// The parts that differ, for the audit: of fields no value, secret or not.
pub(super) fn changed_parts(differences: &[Difference]) -> Vec<Escaped> {
    let is_field = |one: &Difference| one.part.starts_with("field ");
    differences.iter().map(|one| if is_field(one) { one.part.clone() } else { one.told() }).collect()
}

/// What a new connector has, for the audit: of fields no value, secret or not.
pub(super) fn given_parts(connector: &ConnectorRecord) -> Vec<Escaped> {
    let fields = connector.fields.iter().map(|field| format!("field `{}`", field.name));
    let parts = [format!("type: {}", connector.connector_type), format!("auth method: {}", connector.method)];
    parts.into_iter().chain(fields).map(Into::into).collect()
}

/// Whether two connectors are the same, apart from their names.
pub(super) fn is_same(one: &ConnectorRecord, other: &ConnectorRecord) -> bool {
    let plain = |connector: &ConnectorRecord| {
        (connector.connector_type.clone(), connector.method.clone(), connector.uses.clone())
    };
    plain(one) == plain(other) && *fields::write(&one.fields) == *fields::write(&other.fields)
}
