//! Registered registries, and the current one of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};

use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::grants::{self, Grantee};
use super::name::Name;
use super::references;
use crate::grant::Grant;
use crate::image::RegistryUri;

/// A registered registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegistryRecord {
    /// The user's name for it.
    pub(crate) name: Name,
    /// The name of its flavor.
    pub(crate) flavor: String,
    /// Its canonical URI.
    pub(crate) uri: RegistryUri,
    /// The flavor's options, as the user gave them.
    pub(crate) options: BTreeMap<String, String>,
    /// The connector that its flavor gets.
    pub(crate) connector: Option<Name>,
    /// Whether the user typed this very URI, or agreed to it. A URI that is only its flavor's reading of what was typed
    /// gets no connector.
    pub(crate) confirmed: bool,
    /// Whether it may be spoken to in plain HTTP if it does not speak https.
    pub(crate) insecure: bool,
}

impl RegistryRecord {
    /// The registry of a name among `registries`.
    ///
    /// # Errors
    /// When none of them has this name.
    pub(crate) fn named<'a>(registries: &'a [Self], name: &Name) -> Result<&'a Self, StoreError> {
        let known = || registries.iter().map(|registry| registry.name.clone()).collect();
        registries
            .iter()
            .find(|registry| registry.name == *name)
            .ok_or_else(|| StoreError::NoRegistry { name: name.clone(), known: known() })
    }
}

#[cfg(test)]
impl Grantee<'_> {
    /// The built-in flavor of [`RegistryRecord::example`].
    pub(crate) const EXAMPLE: Grantee<'static> = Grantee { flavor: "default", digest: None };
}

#[cfg(test)]
impl RegistryRecord {
    /// A registry of flavor `default`, for tests.
    pub(crate) fn example(name: &str, uri: &str) -> Self {
        let (name, uri) = (name.parse().unwrap(), uri.parse().unwrap());
        let options = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
        Self { name, flavor: "default".to_owned(), uri, options, connector: None, confirmed: true, insecure: false }
    }
}

type Columns = (String, String, String, String, Option<String>, bool, bool);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

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

fn all(connection: &Connection) -> Result<Vec<RegistryRecord>, StoreError> {
    let sql = "SELECT name, flavor, uri, options, connector, confirmed, insecure FROM registries ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let rows: Vec<Columns> = statement.query_map([], columns)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(checked).collect()
}

fn find(connection: &Connection, name: &Name) -> Result<RegistryRecord, StoreError> {
    RegistryRecord::named(&all(connection)?, name).cloned()
}

fn must_be_free(connection: &Connection, name: &Name) -> Result<(), StoreError> {
    match all(connection)?.iter().any(|registry| registry.name == *name) {
        true => Err(StoreError::RegistryTaken(name.clone())),
        false => Ok(()),
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

/// A connector's name as it is stored; the connector has to exist.
fn existing<'a>(connection: &Connection, connector: Option<&'a Name>) -> Result<Option<&'a str>, StoreError> {
    connector.map(|name| references::connector_must_exist(connection, name).map(|()| name.as_str())).transpose()
}

fn options(registry: &RegistryRecord) -> String {
    // Strings by name, which JSON can always write.
    serde_json::to_string(&registry.options).unwrap_or_default()
}

impl Store {
    /// Stores a registry, and the grants of its flavor for this registry alone.
    ///
    /// # Errors
    /// When the name is taken, or its connector does not exist.
    pub(crate) fn add_registry(
        &self,
        registry: &RegistryRecord,
        grantee: Grantee<'_>,
        granted: &[Grant],
    ) -> Result<(), StoreError> {
        self.change(|transaction| {
            insert(transaction, registry)?;
            grants::insert(transaction, grantee, Some(&registry.name), granted)
        })
    }

    /// Replaces a registry that is still as it was read.
    ///
    /// # Errors
    /// When it was changed since, or its connector does not exist.
    pub(crate) fn update_registry(&self, old: &RegistryRecord, new: &RegistryRecord) -> Result<(), StoreError> {
        self.change(|transaction| {
            if find(transaction, &old.name)? != *old {
                return Err(StoreError::RegistryChanged(old.name.clone()));
            }
            let RegistryRecord { flavor, uri, connector, confirmed, insecure, .. } = new;
            let connector = existing(transaction, connector.as_ref())?;
            let sql = "UPDATE registries SET flavor = ?2, uri = ?3, options = ?4, connector = ?5, confirmed = ?6,
                       insecure = ?7 WHERE name = ?1";
            let values = (old.name.as_str(), flavor, uri.to_string(), options(new), connector, confirmed, insecure);
            transaction.execute(sql, values)?;
            Ok(())
        })
    }

    /// Gives a registry another name. Its grants follow, and it stays the current one if it was.
    ///
    /// # Errors
    /// When no registry has this name, or the new one is taken.
    pub(crate) fn rename_registry(&self, from: &Name, to: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
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
        self.change(|transaction| {
            let registry = find(transaction, from)?;
            insert(transaction, &RegistryRecord { name: to.clone(), ..registry })?;
            grants::copy_registry(transaction, from, to)
        })
    }

    /// Checks that a registry of this name could be added.
    ///
    /// # Errors
    /// When the name is taken.
    pub(crate) fn registry_is_free(&self, name: &Name) -> Result<(), StoreError> {
        self.read(|connection| must_be_free(connection, name))
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

    /// Removes a registry.
    ///
    /// # Errors
    /// When no registry has this name.
    pub(crate) fn remove_registry(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            find(transaction, name)?;
            transaction.execute("DELETE FROM registries WHERE name = ?1", [name.as_str()])?;
            grants::remove_registry(transaction, name)
        })
    }

    /// The registry that commands use if they name none.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn current_registry(&self) -> Result<Option<Name>, StoreError> {
        self.read(|connection| {
            let name: Option<String> =
                connection.query_row("SELECT name FROM current_registry", [], |row| row.get(0)).optional()?;
            let damaged = |_| StoreError::Damaged("the current registry has a wrong name".into());
            name.map(|name| name.parse().map_err(damaged)).transpose()
        })
    }

    /// Makes a registry the current one.
    ///
    /// # Errors
    /// When no registry has this name.
    pub(crate) fn use_registry(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            find(transaction, name)?;
            let sql = "INSERT OR REPLACE INTO current_registry (only_row, name) VALUES (1, ?1)";
            transaction.execute(sql, [name.as_str()])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
