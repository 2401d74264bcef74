//! Registered connectors: their names in clear, their fields sealed.

use rusqlite::{Connection, Row};

use super::error::StoreError;
use super::fields::{self, StoredField};
use super::key::{self, Key};
use super::{Name, Store, now, registries, seal};

/// A connector with its fields. Without `Debug`: it holds secrets.
pub struct ConnectorRecord {
    /// The user's name for it.
    pub name: Name,
    /// Its type, as flavors name it.
    pub connector_type: String,
    /// The name of its auth method.
    pub method: String,
    /// What the user gave for the method's fields.
    pub fields: Vec<StoredField>,
}

/// What can be told of a connector without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorSummary {
    /// The user's name for it.
    pub name: Name,
    /// Its type, as flavors name it.
    pub connector_type: String,
    /// The name of its auth method.
    pub method: String,
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

/// What the fields of a connector are sealed for. Its type and method too: they say which flavors get the secrets.
fn place<'a>(name: &'a Name, connector_type: &'a str, method: &'a str) -> [&'a str; 4] {
    ["connectors", name.as_str(), connector_type, method]
}

impl Store {
    /// Keeps a connector, its fields sealed. The first one has the key made.
    ///
    /// # Errors
    /// When the name is taken, or the key can't be used.
    pub fn add_connector(&self, connector: &ConnectorRecord) -> Result<(), StoreError> {
        let ConnectorRecord { name, connector_type, method, fields } = connector;
        // The key is made under the database's write lock: no connector can come in between that wants another one.
        self.change(|transaction| {
            let others = all(transaction)?;
            if others.iter().any(|other| other.name == *name) {
                return Err(StoreError::ConnectorTaken(name.clone()));
            }
            let key = if others.is_empty() { key::create(&self.key)? } else { self.key()? };
            let sealed = seal::seal(&key, &place(name, connector_type, method), fields::write(fields))
                .map_err(|_| StoreError::Sealing(name.clone()))?;
            let sql = "INSERT INTO connectors (name, type, method, fields, registered_at) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.execute(sql, (name.as_str(), connector_type, method, sealed, now()))?;
            Ok(())
        })
    }

    /// All connectors, by name; none is opened.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn connectors(&self) -> Result<Vec<ConnectorSummary>, StoreError> {
        self.read(all)
    }

    /// The connector of a name, opened.
    ///
    /// # Errors
    /// When there is none, or the key can't be used, or it does not open.
    pub fn connector(&self, name: &Name) -> Result<ConnectorRecord, StoreError> {
        self.read(|connection| {
            must_exist(connection, name)?;
            let sql = "SELECT type, method, fields FROM connectors WHERE name = ?1";
            let (connector_type, method, sealed): (String, String, Vec<u8>) =
                connection.query_row(sql, [name.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let fields = seal::open(&self.key()?, &place(name, &connector_type, &method), &sealed)
                .and_then(|plain| fields::read(&plain))
                .ok_or_else(|| {
                    StoreError::Damaged(format!("connector `{name}` does not open; it or the key has changed"))
                })?;
            Ok(ConnectorRecord { name: name.clone(), connector_type, method, fields })
        })
    }

    /// Forgets a connector.
    ///
    /// # Errors
    /// When there is none, or registries use it.
    pub fn remove_connector(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            must_exist(transaction, name)?;
            let registries = registries::connected_to(transaction, name)?;
            if !registries.is_empty() {
                return Err(StoreError::ConnectorInUse { connector: name.clone(), registries });
            }
            transaction.execute("DELETE FROM connectors WHERE name = ?1", [name.as_str()])?;
            Ok(())
        })
    }

    /// The key that the connectors were sealed with.
    fn key(&self) -> Result<Key, StoreError> {
        key::load(&self.key)?.ok_or_else(|| StoreError::NoKey(self.key.clone()))
    }
}

#[cfg(test)]
mod tests;
