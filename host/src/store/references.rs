//! References between rows: registries refer to flavors and connectors by name.

use super::error::StoreError;
use super::name::Name;
use super::sql::{Transaction, Values};

/// The registries of a flavor, by name.
pub(super) fn registries_of_flavor(connection: &Transaction<'_>, flavor: &str) -> Result<Vec<Name>, StoreError> {
    names(connection, "registry", "SELECT name FROM registries WHERE flavor = ?1 ORDER BY name", [flavor])
}

/// The registries of a connector, by name.
pub(super) fn registries_of_connector(connection: &Transaction<'_>, connector: &Name) -> Result<Vec<Name>, StoreError> {
    let sql = "SELECT name FROM registries WHERE connector = ?1 ORDER BY name";
    names(connection, "registry", sql, [connector.as_str()])
}

/// Checks that a connector exists; the error names those that do.
pub(super) fn connector_must_exist(connection: &Transaction<'_>, name: &Name) -> Result<(), StoreError> {
    let known = names(connection, "connector", "SELECT name FROM connectors ORDER BY name", ())?;
    if known.contains(name) { Ok(()) } else { Err(StoreError::NoConnector { name: name.clone(), known }) }
}

/// Whether any connector is stored.
pub(super) fn has_connectors(connection: &Transaction<'_>) -> Result<bool, StoreError> {
    connection.only("SELECT EXISTS (SELECT 1 FROM connectors)", ())
}

fn names(connection: &Transaction<'_>, table: &str, sql: &str, values: impl Values) -> Result<Vec<Name>, StoreError> {
    let rows: Vec<String> = connection.all(sql, values)?;
    let damaged = |name: &str| StoreError::Damaged(format!("{table} `{name}` has a wrong name").into());
    rows.iter().map(|name| name.parse().map_err(|_| damaged(name))).collect()
}
