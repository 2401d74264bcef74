//! Registered connectors: their names in clear, their fields sealed.

use rusqlite::{Connection, Row};

use super::error::StoreError;
use super::fields::{self, StoredField};
use super::key::Key;
use super::{Name, Store, now, registries, seal};

/// A connector with its fields. Without `Debug`: it holds secrets.
#[derive(Clone)]
pub(crate) struct ConnectorRecord {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
    /// What the user gave for the method's fields.
    pub(crate) fields: Vec<StoredField>,
}

/// What can be told of a connector without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectorSummary {
    /// The user's name for it.
    pub(crate) name: Name,
    /// Its type, as flavors name it.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
}

type Columns = (String, String, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn checked((name, connector_type, method): Columns) -> Result<ConnectorSummary, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("connector `{name}` has a wrong name"));
    Ok(ConnectorSummary { name: name.parse().map_err(damaged)?, connector_type, method })
}

fn all(connection: &Connection) -> Result<Vec<ConnectorSummary>, StoreError> {
    let mut statement = connection.prepare("SELECT name, type, method FROM connectors ORDER BY name")?;
    let rows: Vec<Columns> = statement.query_map([], columns)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(checked).collect()
}

/// Whether there is a connector of a name; the error names those that exist.
pub(super) fn must_exist(connection: &Connection, name: &Name) -> Result<(), StoreError> {
    let known: Vec<Name> = all(connection)?.into_iter().map(|connector| connector.name).collect();
    if known.contains(name) { Ok(()) } else { Err(StoreError::NoConnector { name: name.clone(), known }) }
}

fn must_be_free(connection: &Connection, name: &Name) -> Result<(), StoreError> {
    match all(connection)?.iter().any(|connector| connector.name == *name) {
        true => Err(StoreError::ConnectorTaken(name.clone())),
        false => Ok(()),
    }
}

/// The connector of a name that there is.
fn opened(connection: &Connection, key: &Key, name: &Name) -> Result<ConnectorRecord, StoreError> {
    let sql = "SELECT type, method, fields FROM connectors WHERE name = ?1";
    let (connector_type, method, sealed): (String, String, Vec<u8>) =
        connection.query_row(sql, [name.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let fields = seal::open(key, &place(name, &connector_type, &method), &sealed)
        .and_then(|plain| fields::read(&plain))
        .ok_or_else(|| StoreError::Damaged(format!("connector `{name}` does not open; it or the key has changed")))?;
    Ok(ConnectorRecord { name: name.clone(), connector_type, method, fields })
}

fn sealed(key: &Key, connector: &ConnectorRecord) -> Result<Vec<u8>, StoreError> {
    let ConnectorRecord { name, connector_type, method, fields } = connector;
    seal::seal(key, &place(name, connector_type, method), fields::write(fields))
        .map_err(|_| StoreError::Sealing(name.clone()))
}

/// Whether there is no connector.
pub(super) fn is_empty(connection: &Connection) -> Result<bool, StoreError> {
    Ok(all(connection)?.is_empty())
}

/// Seals all connectors with another key, and counts them.
pub(super) fn seal_anew(connection: &Connection, old: &Key, new: &Key) -> Result<usize, StoreError> {
    let connectors = all(connection)?;
    for ConnectorSummary { name, .. } in &connectors {
        let sealed = sealed(new, &opened(connection, old, name)?)?;
        connection.execute("UPDATE connectors SET fields = ?2 WHERE name = ?1", (name.as_str(), sealed))?;
    }
    Ok(connectors.len())
}

/// Whether two connectors are the same but for their names.
fn is_same(one: &ConnectorRecord, other: &ConnectorRecord) -> bool {
    let method = |connector: &ConnectorRecord| (connector.connector_type.clone(), connector.method.clone());
    method(one) == method(other) && *fields::write(&one.fields) == *fields::write(&other.fields)
}

/// What the fields of a connector are sealed for. Its type and method too: they say which flavors get the secrets.
fn place<'a>(name: &'a Name, connector_type: &'a str, method: &'a str) -> [&'a str; 4] {
    ["connectors", name.as_str(), connector_type, method]
}

impl Store {
    /// Keeps a connector, its fields sealed. The first one has the key made.
    ///
    /// # Errors
    /// When the name is taken, or the key can't be used.
    pub(crate) fn add_connector(&self, connector: &ConnectorRecord) -> Result<(), StoreError> {
        self.unlock()?;
        let ConnectorRecord { name, connector_type, method, .. } = connector;
        // The key is made under the database's write lock: no connector can come in between that wants another one.
        self.change(|transaction| {
            must_be_free(transaction, name)?;
            let key = self.key_to_seal(transaction)?;
            let sealed = sealed(&key, connector)?;
            let sql = "INSERT INTO connectors (name, type, method, fields, registered_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.execute(sql, (name.as_str(), connector_type, method, sealed, now()))?;
            Ok(())
        })
    }

    /// All connectors, by name; none is opened.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn connectors(&self) -> Result<Vec<ConnectorSummary>, StoreError> {
        self.read(all)
    }

    /// What is known of the connector of a name without opening it.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn connector_summary(&self, name: &Name) -> Result<ConnectorSummary, StoreError> {
        let all = self.connectors()?;
        let known = || all.iter().map(|connector| connector.name.clone()).collect();
        let found = all.iter().find(|connector| connector.name == *name).cloned();
        found.ok_or_else(|| StoreError::NoConnector { name: name.clone(), known: known() })
    }

    /// The connector of a name, opened.
    ///
    /// # Errors
    /// When there is none, or the key can't be used, or it does not open.
    pub(crate) fn connector(&self, name: &Name) -> Result<ConnectorRecord, StoreError> {
        self.unlock()?;
        self.read(|connection| {
            must_exist(connection, name)?;
            opened(connection, &self.key(connection)?, name)
        })
    }

    /// Finds out whether a connector of this name could be added.
    ///
    /// # Errors
    /// When the name is taken.
    pub(crate) fn connector_is_free(&self, name: &Name) -> Result<(), StoreError> {
        self.read(|connection| must_be_free(connection, name))
    }

    /// Puts a connector in the place of what it was when it was read. If its name is another one, the registries that use
    /// it follow.
    ///
    /// # Errors
    /// When it is no longer what it was, or its new name is taken, or the key can't be used.
    pub(crate) fn update_connector(&self, old: &ConnectorRecord, new: &ConnectorRecord) -> Result<(), StoreError> {
        self.unlock()?;
        self.change(|transaction| {
            must_exist(transaction, &old.name)?;
            let key = self.key(transaction)?;
            if !is_same(&opened(transaction, &key, &old.name)?, old) {
                return Err(StoreError::ConnectorChanged(old.name.clone()));
            }
            let sealed = sealed(&key, new)?;
            // What came of it goes with it.
            transaction.execute("DELETE FROM credentials", [])?;
            let names = (old.name.as_str(), new.name.as_str());
            if old.name == new.name {
                let sql = "UPDATE connectors SET type = ?2, method = ?3, fields = ?4 WHERE name = ?1";
                transaction.execute(sql, (names.0, &new.connector_type, &new.method, sealed))?;
                return Ok(());
            }
            must_be_free(transaction, &new.name)?;
            // Registries refer to connectors by name, so that for a moment there are two.
            let sql = "INSERT INTO connectors (name, type, method, fields, registered_at)
                       SELECT ?2, ?3, ?4, ?5, registered_at FROM connectors WHERE name = ?1";
            transaction.execute(sql, (names.0, names.1, &new.connector_type, &new.method, sealed))?;
            transaction.execute("UPDATE registries SET connector = ?2 WHERE connector = ?1", names)?;
            transaction.execute("DELETE FROM connectors WHERE name = ?1", [names.0])?;
            Ok(())
        })
    }

    /// The registries that use a connector.
    ///
    /// # Errors
    /// When there is no such connector.
    pub(crate) fn registries_of_connector(&self, name: &Name) -> Result<Vec<Name>, StoreError> {
        self.read(|connection| {
            must_exist(connection, name)?;
            registries::connected_to(connection, name)
        })
    }

    /// Forgets a connector.
    ///
    /// # Errors
    /// When there is none, or registries use it.
    pub(crate) fn remove_connector(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            must_exist(transaction, name)?;
            let registries = registries::connected_to(transaction, name)?;
            if !registries.is_empty() {
                return Err(StoreError::ConnectorInUse { connector: name.clone(), registries });
            }
            transaction.execute("DELETE FROM connectors WHERE name = ?1", [name.as_str()])?;
            transaction.execute("DELETE FROM credentials", [])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
