//! References between rows: registries refer to flavors and connectors by name.

use rusqlite::{Connection, Params, Row};

use super::error::StoreError;
use super::name::Name;

/// The registries of a flavor, by name.
pub(super) fn registries_of_flavor(connection: &Connection, flavor: &str) -> Result<Vec<Name>, StoreError> {
    names(connection, "registry", "SELECT name FROM registries WHERE flavor = ?1 ORDER BY name", [flavor])
}

/// The registries of a connector, by name.
pub(super) fn registries_of_connector(connection: &Connection, connector: &Name) -> Result<Vec<Name>, StoreError> {
    let sql = "SELECT name FROM registries WHERE connector = ?1 ORDER BY name";
    names(connection, "registry", sql, [connector.as_str()])
}

/// Checks that a connector exists; the error names those that do.
pub(super) fn connector_must_exist(connection: &Connection, name: &Name) -> Result<(), StoreError> {
    let known = names(connection, "connector", "SELECT name FROM connectors ORDER BY name", [])?;
    if known.contains(name) { Ok(()) } else { Err(StoreError::NoConnector { name: name.clone(), known }) }
}

/// Whether any connector is stored.
pub(super) fn has_connectors(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM connectors)", [], |row| row.get(0))?)
}

fn names(connection: &Connection, table: &str, sql: &str, parameters: impl Params) -> Result<Vec<Name>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let name = |row: &Row<'_>| row.get::<_, String>(0);
    let rows: Vec<String> = statement.query_map(parameters, name)?.collect::<Result<_, _>>()?;
    let damaged = |name: &str| StoreError::Damaged(format!("{table} `{name}` has a wrong name").into());
    rows.iter().map(|name| name.parse().map_err(|_| damaged(name))).collect()
}
