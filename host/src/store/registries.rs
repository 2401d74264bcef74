//! Registered registries, and which of them is the current one.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::error::StoreError;
use super::grants::{self, Grantee};
use super::{Name, Store, connectors, now};
use crate::grant::Grant;
use crate::image::RegistryUri;

/// A registry as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRecord {
    /// The user's name for it.
    pub name: Name,
    /// The name of its flavor.
    pub flavor: String,
    /// Its canonical URI.
    pub uri: RegistryUri,
    /// The flavor's options, as the user gave them.
    pub options: BTreeMap<String, String>,
    /// The connector that its flavor is given.
    pub connector: Option<Name>,
}

impl RegistryRecord {
    /// The one of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named<'a>(registries: &'a [Self], name: &Name) -> Result<&'a Self, StoreError> {
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
        Self { name, flavor: "default".to_owned(), uri, options, connector: None }
    }
}

type Columns = (String, String, String, String, Option<String>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn checked((name, flavor, uri, options, connector): Columns) -> Result<RegistryRecord, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("registry `{name}` has a wrong {what}"));
    Ok(RegistryRecord {
        name: name.parse().map_err(|_| damaged("name"))?,
        flavor,
        uri: uri.parse().map_err(|_| damaged("URI"))?,
        options: serde_json::from_str(&options).map_err(|_| damaged("set of options"))?,
        connector: connector.map(|name| name.parse()).transpose().map_err(|_| damaged("connector"))?,
    })
}

fn all(connection: &Connection) -> Result<Vec<RegistryRecord>, StoreError> {
    let sql = "SELECT name, flavor, uri, options, connector FROM registries ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let rows: Vec<Columns> = statement.query_map([], columns)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(checked).collect()
}

fn find(connection: &Connection, name: &Name) -> Result<RegistryRecord, StoreError> {
    RegistryRecord::named(&all(connection)?, name).cloned()
}

/// The registries of a flavor.
pub(super) fn users_of(connection: &Connection, flavor: &str) -> Result<Vec<Name>, StoreError> {
    let registries = all(connection)?;
    Ok(registries.into_iter().filter(|registry| registry.flavor == flavor).map(|registry| registry.name).collect())
}

/// The registries of a connector.
pub(super) fn connected_to(connection: &Connection, connector: &Name) -> Result<Vec<Name>, StoreError> {
    let used = |registry: &RegistryRecord| registry.connector.as_ref() == Some(connector);
    Ok(all(connection)?.into_iter().filter(used).map(|registry| registry.name).collect())
}

impl Store {
    /// Keeps a registry, and what its flavor is granted for it alone.
    ///
    /// # Errors
    /// When the name is taken, or there is no connector of the name that it refers to.
    pub fn add_registry(
        &self,
        registry: &RegistryRecord,
        grantee: Grantee<'_>,
        granted: &[Grant],
    ) -> Result<(), StoreError> {
        // Strings by name: nothing that JSON could refuse.
        let options = serde_json::to_string(&registry.options).unwrap_or_default();
        self.change(|transaction| {
            if let Some(connector) = &registry.connector {
                connectors::must_exist(transaction, connector)?;
            }
            let sql = "INSERT INTO registries (name, flavor, uri, options, connector, registered_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
            let RegistryRecord { name, flavor, uri, connector, .. } = registry;
            let connector = connector.as_ref().map(Name::as_str);
            match transaction.execute(sql, (name.as_str(), flavor, uri.to_string(), options, connector, now()))? {
                0 => Err(StoreError::RegistryTaken(registry.name.clone())),
                _ => grants::insert(transaction, grantee, Some(&registry.name), granted),
            }
        })
    }

    /// All registries, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn registries(&self) -> Result<Vec<RegistryRecord>, StoreError> {
        self.read(all)
    }

    /// The registry of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn registry(&self, name: &Name) -> Result<RegistryRecord, StoreError> {
        self.read(|connection| find(connection, name))
    }

    /// Forgets a registry.
    ///
    /// # Errors
    /// When there is none.
    pub fn remove_registry(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            find(transaction, name)?;
            transaction.execute("DELETE FROM registries WHERE name = ?1", [name.as_str()])?;
            grants::forget_registry(transaction, name)
        })
    }

    /// The registry that is meant where none is named.
    ///
    /// # Errors
    /// When the store can't be read.
    pub fn current_registry(&self) -> Result<Option<Name>, StoreError> {
        self.read(|connection| {
            let name: Option<String> =
                connection.query_row("SELECT name FROM current_registry", [], |row| row.get(0)).optional()?;
            let damaged = |_| StoreError::Damaged("the current registry has a wrong name".to_owned());
            name.map(|name| name.parse().map_err(damaged)).transpose()
        })
    }

    /// Makes a registry the current one.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn use_registry(&self, name: &Name) -> Result<(), StoreError> {
        self.change(|transaction| {
            find(transaction, name)?;
            let sql = "INSERT OR REPLACE INTO current_registry (only_row, name) VALUES (1, ?1)";
            transaction.execute(sql, [name.as_str()])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    #[test]
    fn a_registry_is_kept_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let prod = RegistryRecord::example("prod", "ghcr.io/acme");
        Store::open(&home).unwrap().add_registry(&prod, Grantee::EXAMPLE, &[]).unwrap();
        let store = Store::open(&home).unwrap();
        assert_eq!(store.registries().unwrap(), std::slice::from_ref(&prod));
        assert!(matches!(store.add_registry(&prod, Grantee::EXAMPLE, &[]), Err(StoreError::RegistryTaken(_))));
        assert!(matches!(store.remove_flavor("default"), Err(StoreError::FlavorInUse { .. })));
        store.remove_registry(&prod.name).unwrap();
        assert!(matches!(store.registry(&prod.name), Err(StoreError::NoRegistry { .. })));
    }

    #[test]
    fn a_registry_that_is_removed_is_no_longer_the_current_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        let prod = RegistryRecord::example("prod", "ghcr.io/acme");
        assert!(store.use_registry(&prod.name).is_err());
        store.add_registry(&prod, Grantee::EXAMPLE, &[]).unwrap();
        store.use_registry(&prod.name).unwrap();
        assert_eq!(store.current_registry().unwrap(), Some(prod.name.clone()));
        store.remove_registry(&prod.name).unwrap();
        assert_eq!(store.current_registry().unwrap(), None);
    }

    #[test]
    fn processes_that_write_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let home = &home;
                scope.spawn(move || {
                    let store = Store::open(home).unwrap();
                    for n in 0..10 {
                        let registry = RegistryRecord::example(&format!("r{writer}-{n}"), "ghcr.io/acme");
                        store.add_registry(&registry, Grantee::EXAMPLE, &[]).unwrap();
                    }
                });
            }
        });
        assert_eq!(Store::open(&home).unwrap().registries().unwrap().len(), 40);
    }
}
