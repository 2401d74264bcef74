//! Registered registries, and the current one of them.

mod record;

use super::audit::{AuditAction, AuditRecord};
use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::granted::Granted;
use super::grants::{self, Grantee};
use super::name::Name;
use super::put::{IfTaken, Put};
use super::references;
use super::sql::Transaction;
use crate::grant::Grant;
pub(crate) use record::RegistryRecord;

type Columns = (String, String, String, String, Option<String>, bool, bool);

fn checked(columns: Columns) -> Result<RegistryRecord, StoreError> {
    let (name, flavor, uri, options, connector, confirmed, insecure) = columns;
    let damaged = |what: &str| StoreError::Damaged(format!("registry `{name}` has a wrong {what}").into());
    Ok(RegistryRecord {
        name: name.parse().map_err(|_| damaged("name"))?,
        flavor,
        uri: uri.parse().map_err(|_| damaged("URI"))?,
        options: serde_json::from_str(&options).map_err(|_| damaged("set of options"))?,
        connector: connector.map(|name| name.parse()).transpose().map_err(|_| damaged("connector"))?,
        confirmed,
        insecure,
    })
}

fn all(connection: &Transaction<'_>) -> Result<Vec<RegistryRecord>, StoreError> {
    let sql = "SELECT name, flavor, uri, options, connector, confirmed, insecure FROM registries ORDER BY name";
    let rows: Vec<Columns> = connection.all(sql, ())?;
    rows.into_iter().map(checked).collect()
}

fn find_if_any(connection: &Transaction<'_>, name: &Name) -> Result<Option<RegistryRecord>, StoreError> {
    Ok(all(connection)?.into_iter().find(|registry| registry.name == *name))
}

fn find(connection: &Transaction<'_>, name: &Name) -> Result<RegistryRecord, StoreError> {
    RegistryRecord::named(&all(connection)?, name).cloned()
}

/// The registry that commands use if they name none.
fn current(connection: &Transaction<'_>) -> Result<Option<Name>, StoreError> {
    let sql = "SELECT name FROM current_registry";
    let name: Option<String> = connection.first(sql, ())?;
    let damaged = |_| StoreError::Damaged("the current registry has a wrong name".into());
    name.map(|name| name.parse().map_err(damaged)).transpose()
}

fn must_be_free(connection: &Transaction<'_>, name: &Name) -> Result<(), StoreError> {
    match find_if_any(connection, name)? {
        Some(_) => Err(StoreError::RegistryTaken(name.clone())),
        None => Ok(()),
    }
}

fn insert(transaction: &Transaction<'_>, registry: &RegistryRecord) -> Result<(), StoreError> {
    let RegistryRecord { name, flavor, uri, connector, confirmed, insecure, .. } = registry;
    must_be_free(transaction, name)?;
    let connector = existing(transaction, connector.as_ref())?;
    let sql = "INSERT INTO registries (name, flavor, uri, options, connector, confirmed, insecure, registered_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let uri = uri.to_string();
    let values = (name.as_str(), flavor, uri, options(registry), connector, confirmed, insecure, now());
    transaction.execute(sql, values)?;
    Ok(())
}

/// Writes a registry in the place of the one of its name.
fn replace(transaction: &Transaction<'_>, registry: &RegistryRecord) -> Result<(), StoreError> {
    let RegistryRecord { name, flavor, uri, connector, confirmed, insecure, .. } = registry;
    let connector = existing(transaction, connector.as_ref())?;
    let sql = "UPDATE registries SET flavor = ?2, uri = ?3, options = ?4, connector = ?5, confirmed = ?6, insecure = ?7
               WHERE name = ?1";
    let values = (name.as_str(), flavor, uri.to_string(), options(registry), connector, confirmed, insecure);
    transaction.execute(sql, values)?;
    Ok(())
}

/// In what the stored registry of a name differs; `None` if there is none.
fn compare(
    connection: &Transaction<'_>,
    registry: &RegistryRecord,
    granted: &[Grant],
    if_taken: IfTaken,
) -> Result<Option<Put>, StoreError> {
    let Some(stored) = find_if_any(connection, &registry.name)? else { return Ok(None) };
    let stored_grants = grants::of_registry(connection, &registry.name)?;
    Ok(Some(Put::taken(if_taken, stored.differences(&stored_grants, registry, granted))))
}

/// A connector's name as it is stored; the connector has to exist.
fn existing<'a>(connection: &Transaction<'_>, connector: Option<&'a Name>) -> Result<Option<&'a str>, StoreError> {
    connector.map(|name| references::connector_must_exist(connection, name).map(|()| name.as_str())).transpose()
}

/// What is recorded of a change of the registry of a name.
fn named(action: AuditAction, name: &Name) -> AuditRecord {
    AuditRecord::change(action, name.as_str()).of_registry(name.as_str())
}

/// The same, with what it is then.
fn recorded(action: AuditAction, registry: &RegistryRecord) -> AuditRecord {
    let record = named(action, &registry.name).by_flavor(&registry.flavor, None);
    AuditRecord { host: Some(registry.uri.to_string().into()), ..record }
}

fn options(registry: &RegistryRecord) -> String {
    // Strings by name, which JSON can always write.
    serde_json::to_string(&registry.options).unwrap_or_default()
}

impl Store {
    /// Stores a registry, and the grants of its flavor for this registry alone. In the place of another one it stays
    /// the current registry if that was.
    ///
    /// # Errors
    /// When the name is taken and that is refused, or its connector does not exist.
    pub(crate) fn put_registry(
        &self,
        registry: &RegistryRecord,
        grantee: Grantee<'_>,
        granted: &[Grant],
        if_taken: IfTaken,
    ) -> Result<Put, StoreError> {
        let record = recorded(AuditAction::RegistryRegister, registry).by_flavor(grantee.flavor, grantee.digest);
        self.change_told(record, |transaction, record| {
            let name = &registry.name;
            let (before, after) = (
                Granted::of_registry(transaction, name)?,
                Granted::to_be((grantee.flavor, grantee.digest()), name, granted),
            );
            let Some(put) = compare(transaction, registry, granted, if_taken)? else {
                insert(transaction, registry)?;
                grants::insert(transaction, grantee, Some(name), granted)?;
                let granted = before.until(&Granted::of_registry(transaction, name)?);
                record.changed = registry.given_parts().chain(granted).collect();
                return Ok(Put::registered());
            };
            match if_taken {
                IfTaken::Refuse => return Err(StoreError::RegistryRegistered(name.clone())),
                IfTaken::Keep => {}
                IfTaken::Replace => {
                    let stored = find(transaction, name)?;
                    if stored != *registry || before != after {
                        replace(transaction, registry)?;
                        grants::remove_registry(transaction, name)?;
                        grants::insert(transaction, grantee, Some(name), granted)?;
                    }
                    record.action = AuditAction::RegistryUpdate.as_str().into();
                    record.changed = stored.changed_parts(registry).into_iter().chain(before.until(&after)).collect();
                }
            }
            Ok(put)
        })
    }

    /// What would become of a registry if its name is taken and the stored one stays; `None` if the name is free.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn compare_registry(
        &self,
        registry: &RegistryRecord,
        granted: &[Grant],
    ) -> Result<Option<Put>, StoreError> {
        self.read(|connection| compare(connection, registry, granted, IfTaken::Keep))
    }

    /// Whether a name is taken.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn has_registry(&self, name: &Name) -> Result<bool, StoreError> {
        self.read(|connection| Ok(find_if_any(connection, name)?.is_some()))
    }

    /// Replaces a registry that is still as it was read.
    ///
    /// # Errors
    /// When it was changed since, or its connector does not exist.
    pub(crate) fn update_registry(&self, old: &RegistryRecord, new: &RegistryRecord) -> Result<(), StoreError> {
        self.change(recorded(AuditAction::RegistryUpdate, new).with_parts(old.changed_parts(new)), |transaction| {
            if find(transaction, &old.name)? != *old {
                return Err(StoreError::RegistryChanged(old.name.clone()));
            }
            if old == new { Ok(()) } else { replace(transaction, new) }
        })
    }

    /// Gives a registry another name. Its grants follow, and it stays the current one if it was.
    ///
    /// # Errors
    /// When no registry has this name, or the new one is taken.
    pub(crate) fn rename_registry(&self, from: &Name, to: &Name) -> Result<(), StoreError> {
        self.change(named(AuditAction::RegistryRename, from).with_parts([to.as_str()]), |transaction| {
            find(transaction, from)?;
            must_be_free(transaction, to)?;
            transaction.execute("UPDATE registries SET name = ?2 WHERE name = ?1", (from.as_str(), to.as_str()))?;
            grants::rename_registry(transaction, from, to)
        })
    }

    /// Copies a registry with its grants to another name.
    ///
    /// # Errors
    /// When no registry has this name, or the new one is taken.
    pub(crate) fn copy_registry(&self, from: &Name, to: &Name) -> Result<(), StoreError> {
        self.change_told(named(AuditAction::RegistryCopy, from), |transaction, record| {
            let registry = find(transaction, from)?;
            insert(transaction, &RegistryRecord { name: to.clone(), ..registry })?;
            let before = Granted::of_registry(transaction, to)?;
            grants::copy_registry(transaction, from, to)?;
            let granted = before.until(&Granted::of_registry(transaction, to)?);
            record.changed = std::iter::once(to.as_str().into()).chain(granted).collect();
            Ok(())
        })
    }

    /// All registries, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn registries(&self) -> Result<Vec<RegistryRecord>, StoreError> {
        self.read(all)
    }

    /// The registry of a name.
    ///
    /// # Errors
    /// When no registry has this name.
    pub(crate) fn registry(&self, name: &Name) -> Result<RegistryRecord, StoreError> {
        self.read(|connection| find(connection, name))
    }

    /// Removes a registry. Returns whether it was the current one; none is then.
    ///
    /// # Errors
    /// When no registry has this name.
    pub(crate) fn remove_registry(&self, name: &Name) -> Result<bool, StoreError> {
        self.change_told(named(AuditAction::RegistryRemove, name), |transaction, record| {
            find(transaction, name)?;
            record.changed = Granted::of_registry(transaction, name)?.until(&Granted::default());
            let was_current = current(transaction)?.as_ref() == Some(name);
            transaction.execute("DELETE FROM registries WHERE name = ?1", [name.as_str()])?;
            grants::remove_registry(transaction, name)?;
            Ok(was_current)
        })
    }

    /// The registry that commands use if they name none.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn current_registry(&self) -> Result<Option<Name>, StoreError> {
        self.read(current)
    }

    /// Leaves no registry the current one. Returns the one that was.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn use_no_registry(&self) -> Result<Option<Name>, StoreError> {
        self.change(AuditRecord::change(AuditAction::RegistryUse, ""), |transaction| {
            let was = current(transaction)?;
            transaction.execute("DELETE FROM current_registry", ())?;
            Ok(was)
        })
    }

    /// Makes a registry the current one.
    ///
    /// # Errors
    /// When no registry has this name.
    pub(crate) fn use_registry(&self, name: &Name) -> Result<(), StoreError> {
        self.change(named(AuditAction::RegistryUse, name), |transaction| {
            find(transaction, name)?;
            if current(transaction)?.as_ref() == Some(name) {
                return Ok(());
            }
            let sql = "INSERT INTO current_registry (only_row, name) VALUES (1, ?1)
                       ON CONFLICT (only_row) DO UPDATE SET name = excluded.name";
            transaction.execute(sql, [name.as_str()])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
