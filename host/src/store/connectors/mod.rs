//! Registered connectors: their names in plain text, their fields sealed.

mod record;

use super::aead;
use super::audit::{AuditAction, AuditRecord};
use super::blob_locations;
use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::fields;
use super::key::Key;
use super::name::Name;
use super::put::{IfTaken, Put};
use super::references::{self, connector_must_exist};
use super::sql::Transaction;
pub(crate) use record::{ConnectorRecord, ConnectorSummary};
use record::{changed_parts, differences, given_parts, is_same};

type Columns = (String, String, String);

fn checked((name, connector_type, method): Columns) -> Result<ConnectorSummary, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("connector `{name}` has a wrong name").into());
    Ok(ConnectorSummary { name: name.parse().map_err(damaged)?, connector_type, method })
}

fn all(connection: &Transaction<'_>) -> Result<Vec<ConnectorSummary>, StoreError> {
    let rows: Vec<Columns> = connection.all("SELECT name, type, method FROM connectors ORDER BY name", ())?;
    rows.into_iter().map(checked).collect()
}

fn summary(connection: &Transaction<'_>, name: &Name) -> Result<Option<ConnectorSummary>, StoreError> {
    Ok(all(connection)?.into_iter().find(|connector| connector.name == *name))
}

fn must_be_free(connection: &Transaction<'_>, name: &Name) -> Result<(), StoreError> {
    match summary(connection, name)? {
        Some(_) => Err(StoreError::ConnectorTaken(name.clone())),
        None => Ok(()),
    }
}

/// The connector of a name, which exists.
fn opened(connection: &Transaction<'_>, key: &Key, name: &Name) -> Result<ConnectorRecord, StoreError> {
    let sql = "SELECT type, method, fields, uses FROM connectors WHERE name = ?1";
    let (connector_type, method, sealed, uses): (String, String, Vec<u8>, String) =
        connection.only(sql, [name.as_str()])?;
    let fields = aead::open(key, &context(name, &connector_type, &method, &uses), &sealed)
        .and_then(|plain| fields::read(&plain))
        .ok_or_else(|| {
            StoreError::Damaged(format!("connector `{name}` does not open; it or the key has changed").into())
        })?;
    Ok(ConnectorRecord { name: name.clone(), connector_type, method, fields, uses })
}

fn sealed(key: &Key, connector: &ConnectorRecord) -> Result<Vec<u8>, StoreError> {
    let ConnectorRecord { name, connector_type, method, fields, uses } = connector;
    let context = context(name, connector_type, method, uses);
    aead::seal(key, &context, fields::write(fields), &format!("connector `{name}`"))
}

/// Seals all connectors with another key, and returns their number.
pub(super) fn seal_again(connection: &Transaction<'_>, old: &Key, new: &Key) -> Result<usize, StoreError> {
    let connectors = all(connection)?;
    for ConnectorSummary { name, .. } in &connectors {
        let sealed = sealed(new, &opened(connection, old, name)?)?;
        connection.execute("UPDATE connectors SET fields = ?2 WHERE name = ?1", (name.as_str(), sealed))?;
    }
    Ok(connectors.len())
}

fn insert(connection: &Transaction<'_>, key: &Key, connector: &ConnectorRecord) -> Result<(), StoreError> {
    let ConnectorRecord { name, connector_type, method, uses, .. } = connector;
    let sql =
        "INSERT INTO connectors (name, type, method, fields, uses, registered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.execute(sql, (name.as_str(), connector_type, method, sealed(key, connector)?, uses, now()))?;
    Ok(())
}

/// Writes a connector in the place of the one of its name, and forgets what was learnt with that one.
fn replace(transaction: &Transaction<'_>, key: &Key, connector: &ConnectorRecord) -> Result<(), StoreError> {
    let ConnectorRecord { name, connector_type, method, uses, .. } = connector;
    forget(transaction, name)?;
    let sql = "UPDATE connectors SET type = ?2, method = ?3, fields = ?4, uses = ?5 WHERE name = ?1";
    transaction.execute(sql, (name.as_str(), connector_type, method, sealed(key, connector)?, uses))?;
    Ok(())
}

/// Forgets what was learnt with a connector, which may be another account's from now on, and all cached credentials,
/// which may come from it.
fn forget(transaction: &Transaction<'_>, name: &Name) -> Result<(), StoreError> {
    blob_locations::remove_connector(transaction, name)?;
    transaction.execute("DELETE FROM credentials", ())?;
    Ok(())
}

/// The context that a connector's fields are sealed for. Type and method are in it, since they decide which flavors get
/// the secrets, and the uses, since they decide where the secrets go.
fn context<'a>(name: &'a Name, connector_type: &'a str, method: &'a str, uses: &'a str) -> Vec<&'a str> {
    let uses = Some(uses).filter(|uses| !uses.is_empty());
    ["connectors", name.as_str(), connector_type, method].into_iter().chain(uses).collect()
}

impl Store {
    /// Stores a connector, its fields sealed. Makes the key for the first one. In the place of another one, the
    /// registries that use that use it.
    ///
    /// # Errors
    /// When the name is taken and that is refused, or the key can't be used.
    pub(crate) fn put_connector(&self, connector: &ConnectorRecord, if_taken: IfTaken) -> Result<Put, StoreError> {
        self.unlock()?;
        // The key is made under the database's write lock, so that no other process makes one at the same time.
        let record = AuditRecord::change(AuditAction::ConnectorRegister, connector.name.as_str());
        self.change_told(record, |transaction, record| {
            let is_taken = summary(transaction, &connector.name)?.is_some();
            if is_taken && if_taken == IfTaken::Refuse {
                return Err(StoreError::ConnectorRegistered(connector.name.clone()));
            }
            if !is_taken {
                insert(transaction, &self.key_to_seal(transaction)?, connector)?;
                record.changed = given_parts(connector);
                return Ok(Put::registered());
            }
            let key = self.key(transaction)?;
            let differences = differences(&opened(transaction, &key, &connector.name)?, connector);
            if if_taken == IfTaken::Replace && !differences.is_empty() {
                replace(transaction, &key, connector)?;
                record.action = AuditAction::ConnectorUpdate.as_str().into();
                record.changed = changed_parts(&differences);
            }
            Ok(Put::taken(if_taken, differences))
        })
    }

    /// What would become of a connector if its name is taken and the stored one stays; `None` if the name is free.
    ///
    /// # Errors
    /// When the key can't be used, or the stored connector does not open.
    pub(crate) fn compare_connector(&self, connector: &ConnectorRecord) -> Result<Option<Put>, StoreError> {
        self.unlock()?;
        self.read(|connection| {
            if summary(connection, &connector.name)?.is_none() {
                return Ok(None);
            }
            let stored = opened(connection, &self.key(connection)?, &connector.name)?;
            Ok(Some(Put::taken(IfTaken::Keep, differences(&stored, connector))))
        })
    }

    /// All connectors, by name, without opening them.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn connectors(&self) -> Result<Vec<ConnectorSummary>, StoreError> {
        self.read(all)
    }

    /// The connector of a name, without opening it.
    ///
    /// # Errors
    /// When no connector has this name.
    pub(crate) fn connector_summary(&self, name: &Name) -> Result<ConnectorSummary, StoreError> {
        let all = self.connectors()?;
        let known = || all.iter().map(|connector| connector.name.clone()).collect();
        let found = all.iter().find(|connector| connector.name == *name).cloned();
        found.ok_or_else(|| StoreError::NoConnector { name: name.clone(), known: known() })
    }

    /// The connector of a name, opened.
    ///
    /// # Errors
    /// When no connector has this name, the key can't be used, or the connector does not open.
    pub(crate) fn connector(&self, name: &Name) -> Result<ConnectorRecord, StoreError> {
        self.unlock()?;
        self.read(|connection| {
            connector_must_exist(connection, name)?;
            opened(connection, &self.key(connection)?, name)
        })
    }

    /// Whether a name is taken.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn has_connector(&self, name: &Name) -> Result<bool, StoreError> {
        self.read(|connection| Ok(summary(connection, name)?.is_some()))
    }

    /// Checks that a connector could get this name.
    ///
    /// # Errors
    /// When the name is taken.
    pub(crate) fn connector_is_free(&self, name: &Name) -> Result<(), StoreError> {
        self.read(|connection| must_be_free(connection, name))
    }

    /// Replaces a connector that is still as it was read. The registries that use it follow a new name.
    ///
    /// # Errors
    /// When it was changed since, its new name is taken, or the key can't be used.
    pub(crate) fn update_connector(&self, old: &ConnectorRecord, new: &ConnectorRecord) -> Result<(), StoreError> {
        self.unlock()?;
        let parts = changed_parts(&differences(old, new)).into_iter();
        let renamed = (old.name != new.name).then(|| format!("name: {}", new.name).into());
        let record =
            AuditRecord::change(AuditAction::ConnectorUpdate, old.name.as_str()).with_parts(parts.chain(renamed));
        self.change(record, |transaction| {
            connector_must_exist(transaction, &old.name)?;
            let key = self.key(transaction)?;
            if !is_same(&opened(transaction, &key, &old.name)?, old) {
                return Err(StoreError::ConnectorChanged(old.name.clone()));
            }
            if old.name == new.name {
                return replace(transaction, &key, new);
            }
            let sealed = sealed(&key, new)?;
            forget(transaction, &old.name)?;
            let names = (old.name.as_str(), new.name.as_str());
            must_be_free(transaction, &new.name)?;
            // Registries refer to it by name, so that both rows exist until they follow.
            let sql = "INSERT INTO connectors (name, type, method, fields, uses, registered_at)
                       SELECT ?2, ?3, ?4, ?5, ?6, registered_at FROM connectors WHERE name = ?1";
            transaction.execute(sql, (names.0, names.1, &new.connector_type, &new.method, sealed, &new.uses))?;
            transaction.execute("UPDATE registries SET connector = ?2 WHERE connector = ?1", names)?;
            transaction.execute("DELETE FROM connectors WHERE name = ?1", [names.0])?;
            Ok(())
        })
    }

    /// The registries that use a connector.
    ///
    /// # Errors
    /// When no connector has this name.
    pub(crate) fn registries_of_connector(&self, name: &Name) -> Result<Vec<Name>, StoreError> {
        self.read(|connection| {
            connector_must_exist(connection, name)?;
            references::registries_of_connector(connection, name)
        })
    }

    /// Removes a connector.
    ///
    /// # Errors
    /// When no connector has this name, or registries use it.
    pub(crate) fn remove_connector(&self, name: &Name) -> Result<(), StoreError> {
        self.change(AuditRecord::change(AuditAction::ConnectorRemove, name.as_str()), |transaction| {
            connector_must_exist(transaction, name)?;
            let registries = references::registries_of_connector(transaction, name)?;
            if !registries.is_empty() {
                return Err(StoreError::ConnectorInUse { connector: name.clone(), registries });
            }
            transaction.execute("DELETE FROM connectors WHERE name = ?1", [name.as_str()])?;
            forget(transaction, name)
        })
    }
}

#[cfg(test)]
mod tests;
