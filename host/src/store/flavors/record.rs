//! A flavor's row, in the table of registered flavors and in that of those before them.

use serde::Serialize;

use crate::image::Digest;
use crate::store::clock::now;
use crate::store::error::StoreError;
use crate::store::sql::Transaction;

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
    /// Its origin: a file as the user wrote it, or `oci://` with the name, tag and digest of an artifact.
    pub(crate) origin: String,
    /// Its description at registration, as JSON; absent in a store of a version that did not keep it.
    #[serde(skip)]
    pub(crate) description: Option<String>,
    /// Its operations with secrets at places that no standard defines, as far as the user accepted them, as
    /// `TYPE/METHOD/OPERATION`.
    pub(crate) accepted_operations: Vec<String>,
}

/// A table of flavors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    /// The registered ones.
    Registered,
    /// For each registered one that took another's place, that other one.
    Previous,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Registered => "flavors",
            Self::Previous => "previous_flavors",
        }
    }
}

const COLUMNS: &str = "name, version, contract, summary, digest, size, origin, description, accepted_operations";

type Columns = (String, String, String, String, String, i64, String, Option<String>, String);

fn checked(columns: Columns) -> Result<FlavorRecord, StoreError> {
    let (name, version, contract, summary, digest, size, origin, description, accepted) = columns;
    let damaged = |what: &str| StoreError::Damaged(format!("flavor `{name}` has a wrong {what}").into());
    let digest = digest.parse().map_err(|_| damaged("digest"))?;
    let size = size.try_into().map_err(|_| damaged("size"))?;
    let accepted_operations = serde_json::from_str(&accepted).map_err(|_| damaged("list of operations"))?;
    Ok(FlavorRecord { name, version, contract, summary, digest, size, origin, description, accepted_operations })
}

/// The flavor of a name.
pub(super) fn find(connection: &Transaction<'_>, table: Table, name: &str) -> Result<Option<FlavorRecord>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {} WHERE name = ?1", table.name());
    connection.first(&sql, [name])?.map(checked).transpose()
}

/// All registered flavors, by name.
pub(super) fn all(connection: &Transaction<'_>) -> Result<Vec<FlavorRecord>, StoreError> {
    let rows: Vec<Columns> = connection.all(&format!("SELECT {COLUMNS} FROM flavors ORDER BY name"), ())?;
    rows.into_iter().map(checked).collect()
}

/// Writes a flavor in the place of the one of its name.
pub(super) fn put(connection: &Transaction<'_>, table: Table, flavor: &FlavorRecord) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {} ({COLUMNS}, registered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        table.name()
    );
    let FlavorRecord { name, version, contract, summary, digest, size, origin, description, .. } = flavor;
    delete(connection, table, name)?;
    let accepted = operations(&flavor.accepted_operations);
    // Far below 2^63: the size of a component is limited.
    let size = i64::try_from(*size).unwrap_or(i64::MAX);
    let values = (name, version, contract, summary, digest.as_str(), size, origin, description, accepted, now());
    connection.execute(&sql, values)?;
    Ok(())
}

/// Removes the flavor of a name.
pub(super) fn delete(connection: &Transaction<'_>, table: Table, name: &str) -> Result<(), StoreError> {
    connection.execute(&format!("DELETE FROM {} WHERE name = ?1", table.name()), [name])?;
    Ok(())
}

/// Adds operations to those that the user accepted of the same component.
pub(super) fn accept(transaction: &Transaction<'_>, flavor: &FlavorRecord, more: &[String]) -> Result<(), StoreError> {
    let mut all = flavor.accepted_operations.clone();
    all.extend(more.iter().filter(|name| !flavor.accepted_operations.contains(name)).cloned());
    if all == flavor.accepted_operations {
        return Ok(());
    }
    let sql = "UPDATE flavors SET accepted_operations = ?2 WHERE name = ?1";
    transaction.execute(sql, (&flavor.name, operations(&all)))?;
    Ok(())
}

/// Writes the origin of a flavor whose component is registered already.
pub(super) fn set_origin(transaction: &Transaction<'_>, flavor: &FlavorRecord) -> Result<(), StoreError> {
    transaction
        .execute("UPDATE flavors SET origin = ?2 WHERE name = ?1 AND origin <> ?2", (&flavor.name, &flavor.origin))?;
    Ok(())
}

/// Whether the component of a digest is that of any flavor or policy.
pub(in crate::store) fn is_used(connection: &Transaction<'_>, digest: &Digest) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM flavors WHERE digest = ?1)
                      OR EXISTS (SELECT 1 FROM previous_flavors WHERE digest = ?1)
                      OR EXISTS (SELECT 1 FROM policies WHERE digest = ?1 AND is_stored = 1)";
    connection.only(sql, [digest.as_str()])
}

/// A list of operations as the table has it.
fn operations(list: &[String]) -> String {
    // Never fails: a list of strings makes JSON.
    serde_json::to_string(list).unwrap_or_default()
}
