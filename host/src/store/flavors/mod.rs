//! Registered flavors: a row for each, and the component's file by its digest.

use std::fs;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::Serialize;

use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::grants::{self, Grantee};
use super::references::registries_of_flavor;
use crate::files::atomic;
use crate::grant::Grant;
use crate::image::Digest;

/// A registered flavor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlavorRecord {
    /// Its name.
    pub(crate) name: String,
    /// Its own version.
    pub(crate) version: String,
    /// The version of the contract that it implements.
    pub(crate) contract: String,
    /// Its purpose, in its own words.
    pub(crate) summary: String,
    /// The digest of its component.
    pub(crate) digest: Digest,
    /// The component's size in bytes.
    pub(crate) size: u64,
    /// Its origin, as the user wrote it.
    pub(crate) origin: String,
    /// Its description at registration, as JSON; absent in a store of a version that did not keep it.
    #[serde(skip)]
    pub(crate) description: Option<String>,
    /// Its operations with secrets at places that no standard defines, as far as the user accepted them, as
    /// `TYPE/METHOD/OPERATION`.
    pub(crate) accepted_operations: Vec<String>,
}

/// The effect of adding a flavor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// No flavor had this name.
    New,
    /// The same component was registered already.
    Unchanged,
    /// It replaced another component.
    Replaced,
}

const COLUMNS: &str = "name, version, contract, summary, digest, size, origin, description, accepted_operations";

type Columns = (String, String, String, String, String, i64, String, Option<String>, String);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    let (name, version, contract, summary) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (digest, size, origin, description) = (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
    Ok((name, version, contract, summary, digest, size, origin, description, row.get(8)?))
}

fn checked(columns: Columns) -> Result<FlavorRecord, StoreError> {
    let (name, version, contract, summary, digest, size, origin, description, accepted) = columns;
    let damaged = |what: &str| StoreError::Damaged(format!("flavor `{name}` has a wrong {what}").into());
    let digest = digest.parse().map_err(|_| damaged("digest"))?;
    let size = size.try_into().map_err(|_| damaged("size"))?;
    let accepted_operations = serde_json::from_str(&accepted).map_err(|_| damaged("list of operations"))?;
    Ok(FlavorRecord { name, version, contract, summary, digest, size, origin, description, accepted_operations })
}

fn find(connection: &Connection, name: &str) -> Result<Option<FlavorRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM flavors WHERE name = ?1");
    connection.query_row(&sql, [name], columns).optional()?.map(checked).transpose()
}

fn is_used(connection: &Connection, digest: &Digest) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM flavors WHERE digest = ?1)
                      OR EXISTS (SELECT 1 FROM policies WHERE digest = ?1 AND is_stored)";
    Ok(connection.query_row(sql, [digest.as_str()], |row| row.get(0))?)
}

/// A list of operations as the table has it.
fn operations(list: &[String]) -> String {
    // Never fails: a list of strings makes JSON.
    serde_json::to_string(list).unwrap_or_default()
}

/// Adds operations to those that the user accepted of the same component.
fn accept(transaction: &Connection, flavor: &FlavorRecord, more: &[String]) -> Result<(), StoreError> {
    let mut all = flavor.accepted_operations.clone();
    all.extend(more.iter().filter(|name| !flavor.accepted_operations.contains(name)).cloned());
    let sql = "UPDATE flavors SET accepted_operations = ?2 WHERE name = ?1";
    transaction.execute(sql, (&flavor.name, operations(&all)))?;
    Ok(())
}

impl Store {
    /// Stores a flavor, its component and its grants. A component with other bytes loses the grants of the old one,
    /// except those for single registries if `keep_registry_grants`; the same bytes keep their grants, and get the new
    /// ones.
    ///
    /// # Errors
    /// When a component with other bytes has the name, and not `replace`.
    pub(crate) fn add_flavor(
        &self,
        flavor: &FlavorRecord,
        component: &[u8],
        granted: &[Grant],
        replace: bool,
        keep_registry_grants: bool,
    ) -> Result<Added, StoreError> {
        let grantee = Grantee { flavor: &flavor.name, digest: Some(&flavor.digest) };
        // The file is written and removed under the database's write lock, so that every row has its file.
        let (added, old) = self.change(|transaction| {
            let old = find(transaction, &flavor.name)?;
            let added = match &old {
                None => Added::New,
                Some(old) if old.digest == flavor.digest => {
                    grants::insert(transaction, grantee, None, granted)?;
                    accept(transaction, old, &flavor.accepted_operations)?;
                    return Ok((Added::Unchanged, None));
                }
                Some(_) if replace => Added::Replaced,
                Some(_) => return Err(StoreError::FlavorTaken(flavor.name.clone().into())),
            };
            self.write_component(&flavor.digest, component)?;
            let sql = format!(
                "INSERT OR REPLACE INTO flavors ({COLUMNS}, registered_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            );
            let FlavorRecord { name, version, contract, summary, digest, size, origin, description, .. } = flavor;
            let accepted = operations(&flavor.accepted_operations);
            // Far below 2^63: the size of a component is limited.
            let size = i64::try_from(*size).unwrap_or(i64::MAX);
            let values =
                (name, version, contract, summary, digest.as_str(), size, origin, description, accepted, now());
            transaction.execute(&sql, values)?;
            grants::clear(transaction, name)?;
            grants::insert(transaction, grantee, None, granted)?;
            if keep_registry_grants {
                grants::carry_over(transaction, grantee)?;
            } else {
                grants::clear_registries(transaction, name)?;
            }
            Ok((added, old))
        })?;
        if let Some(old) = old {
            self.remove_unused_component(&old.digest)?;
        }
        Ok(added)
    }

    /// All flavors, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn flavors(&self) -> Result<Vec<FlavorRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM flavors ORDER BY name"))?;
            let rows: Vec<Columns> = statement.query_map([], columns)?.collect::<Result<_, _>>()?;
            rows.into_iter().map(checked).collect()
        })
    }

    /// The flavor of a name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn flavor(&self, name: &str) -> Result<Option<FlavorRecord>, StoreError> {
        self.read(|connection| find(connection, name))
    }

    /// A flavor's component, verified by its digest.
    ///
    /// # Errors
    /// When the file is missing or was changed.
    pub(crate) fn component(&self, flavor: &FlavorRecord) -> Result<Vec<u8>, StoreError> {
        self.read_component(&flavor.digest, || format!("flavor `{}`", flavor.name))
    }

    /// The component of a digest, verified; `whose` names its flavor or policy.
    ///
    /// # Errors
    /// When the file is missing or was changed.
    pub(super) fn read_component(&self, digest: &Digest, whose: impl Fn() -> String) -> Result<Vec<u8>, StoreError> {
        let path = self.component_file(digest);
        let bytes = fs::read(&path).map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(StoreError::Damaged(format!("the component of {} has changed since it was registered", whose()).into()))
        }
    }

    /// Writes a component's file. To be called under the database's write lock.
    ///
    /// # Errors
    /// When the file can't be written.
    pub(super) fn write_component(&self, digest: &Digest, component: &[u8]) -> Result<(), StoreError> {
        let path = self.component_file(digest);
        atomic::replace(&path, component)
            .map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })
    }

    /// Removes a flavor, and returns whether it existed.
    ///
    /// # Errors
    /// When registries use it.
    pub(crate) fn remove_flavor(&self, name: &str) -> Result<bool, StoreError> {
        let removed = self.change(|transaction| {
            let registries = registries_of_flavor(transaction, name)?;
            if !registries.is_empty() {
                return Err(StoreError::FlavorInUse { flavor: name.into(), registries });
            }
            let flavor = find(transaction, name)?;
            transaction.execute("DELETE FROM flavors WHERE name = ?1", [name])?;
            grants::remove_flavor(transaction, name)?;
            Ok(flavor)
        })?;
        match removed {
            Some(flavor) => self.remove_unused_component(&flavor.digest).map(|()| true),
            None => Ok(false),
        }
    }

    /// Removes a component's file when no flavor or policy has it any more. A kill before this leaves an unused file.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub(super) fn remove_unused_component(&self, digest: &Digest) -> Result<(), StoreError> {
        self.change(|transaction| {
            if !is_used(transaction, digest)? {
                let path = self.component_file(digest);
                fs::remove_file(&path)
                    .map_err(|reason| StoreError::File { path: path.into(), reason: reason.into() })?;
            }
            Ok(())
        })
    }

    fn component_file(&self, digest: &Digest) -> PathBuf {
        self.components.join(format!("{}.wasm", digest.hex()))
    }
}

#[cfg(test)]
mod tests;
