//! The hosts that users granted to flavors.
//!
//! A grant holds for one component, by its digest, and not for other bytes of the same name. A built-in flavor is part
//! of crhost, and its grants hold for its name.

use super::audit::{AuditAction, AuditRecord};
use super::clock::now;
use super::database::Store;
use super::error::StoreError;
use super::granted::Granted;
use super::name::Name;
use super::references::registries_of_flavor;
use super::sql::Transaction;
use crate::grant::{Grant, HostPattern};

/// A grant takes the place of another one for the same flavor, registry and pattern; the same one stays as it is.
const REPLACE: &str = "ON CONFLICT (flavor, registry, pattern) DO UPDATE SET digest = excluded.digest,
                       written = excluded.written, secrets = excluded.secrets, granted_at = excluded.granted_at
                       WHERE grants.digest <> excluded.digest OR grants.written <> excluded.written
                       OR grants.secrets <> excluded.secrets";

/// The flavor that a grant is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grantee<'a> {
    /// The flavor's name.
    pub(crate) flavor: &'a str,
    /// The digest of its component; `None` for a built-in flavor.
    pub(crate) digest: Option<&'a crate::image::Digest>,
}

impl Grantee<'_> {
    /// The digest as it is stored.
    pub(super) fn digest(&self) -> &str {
        self.digest.map_or("", |digest| digest.as_str())
    }
}

/// Pattern, whether it was written by the user, whether secrets may go there.
type Columns = (String, bool, bool);

fn select(connection: &Transaction<'_>, grantee: Grantee<'_>, registry: &str) -> Result<Vec<Grant>, StoreError> {
    let sql = "SELECT pattern, written, secrets FROM grants
               WHERE flavor = ?1 AND digest = ?2 AND registry = ?3 ORDER BY written, pattern";
    let rows: Vec<Columns> = connection.all(sql, (grantee.flavor, grantee.digest(), registry))?;
    parsed(rows, || format!("a grant of flavor `{}`", grantee.flavor))
}

/// The grants for a registry alone, of whatever flavor.
pub(super) fn of_registry(connection: &Transaction<'_>, registry: &Name) -> Result<Vec<Grant>, StoreError> {
    let sql = "SELECT pattern, written, secrets FROM grants WHERE registry = ?1";
    parsed(connection.all(sql, [registry.as_str()])?, || format!("a grant for registry `{registry}`"))
}

fn parsed(rows: Vec<Columns>, whose: impl Fn() -> String) -> Result<Vec<Grant>, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("{} has a wrong pattern", whose()).into());
    let grant = |(pattern, written, secrets): Columns| {
        Ok(Grant { pattern: pattern.parse().map_err(damaged)?, written, secrets })
    };
    rows.into_iter().map(grant).collect()
}

/// The grants of a flavor for every registry.
pub(super) fn of_every_registry(connection: &Transaction<'_>, grantee: Grantee<'_>) -> Result<Vec<Grant>, StoreError> {
    select(connection, grantee, "")
}

/// Adds grants, or replaces those of the same pattern.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    grantee: Grantee<'_>,
    registry: Option<&Name>,
    grants: &[Grant],
) -> Result<(), StoreError> {
    let registry = registry.map_or("", Name::as_str);
    for Grant { pattern, written, secrets } in grants {
        let sql = format!(
            "INSERT INTO grants (flavor, digest, registry, pattern, written, secrets, granted_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) {REPLACE}"
        );
        let pattern = pattern.to_string();
        transaction.execute(&sql, (grantee.flavor, grantee.digest(), registry, pattern, written, secrets, now()))?;
    }
    Ok(())
}

/// Removes the grants of a flavor, except those for single registries.
pub(super) fn clear(transaction: &Transaction<'_>, flavor: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM grants WHERE flavor = ?1 AND registry = ''", [flavor])?;
    Ok(())
}

/// Removes the grants of a flavor for single registries.
pub(super) fn clear_registries(transaction: &Transaction<'_>, flavor: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM grants WHERE flavor = ?1 AND registry <> ''", [flavor])?;
    Ok(())
}

/// Moves a flavor's grants for single registries to other bytes of it.
pub(super) fn carry_over(transaction: &Transaction<'_>, grantee: Grantee<'_>) -> Result<(), StoreError> {
    let sql = "UPDATE grants SET digest = ?2 WHERE flavor = ?1 AND registry <> ''";
    transaction.execute(sql, (grantee.flavor, grantee.digest()))?;
    Ok(())
}

/// Removes all grants of a flavor.
pub(super) fn remove_flavor(transaction: &Transaction<'_>, flavor: &str) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM grants WHERE flavor = ?1", [flavor])?;
    Ok(())
}

/// Removes all grants for a registry.
pub(super) fn remove_registry(transaction: &Transaction<'_>, registry: &Name) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM grants WHERE registry = ?1", [registry.as_str()])?;
    Ok(())
}

/// Moves the grants for a registry to its new name.
pub(super) fn rename_registry(transaction: &Transaction<'_>, from: &Name, to: &Name) -> Result<(), StoreError> {
    // A name that was free has no grants, unless they were left behind.
    transaction.execute("DELETE FROM grants WHERE registry = ?1", [to.as_str()])?;
    let sql = "UPDATE grants SET registry = ?2 WHERE registry = ?1";
    transaction.execute(sql, (from.as_str(), to.as_str()))?;
    Ok(())
}

/// Copies the grants for a registry to another one.
pub(super) fn copy_registry(transaction: &Transaction<'_>, from: &Name, to: &Name) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO grants (flavor, digest, registry, pattern, written, secrets, granted_at)
         SELECT flavor, digest, ?2, pattern, written, secrets, ?3 FROM grants WHERE registry = ?1 {REPLACE}"
    );
    transaction.execute(&sql, (from.as_str(), to.as_str(), now()))?;
    Ok(())
}

impl Store {
    /// The grants of a flavor for every registry.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn grants(&self, grantee: Grantee<'_>) -> Result<Vec<Grant>, StoreError> {
        self.read(|connection| select(connection, grantee, ""))
    }

    /// The further grants of a flavor for one registry.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn registry_grants(&self, grantee: Grantee<'_>, registry: &Name) -> Result<Vec<Grant>, StoreError> {
        self.read(|connection| select(connection, grantee, registry.as_str()))
    }

    /// The further grants of a flavor for single registries, with their names.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn grants_of_registries(&self, grantee: Grantee<'_>) -> Result<Vec<(Name, Grant)>, StoreError> {
        let users = self.read(|connection| registries_of_flavor(connection, grantee.flavor))?;
        let mut found = Vec::new();
        for name in users {
            let grants = self.registry_grants(grantee, &name)?;
            found.extend(grants.into_iter().map(|grant| (name.clone(), grant)));
        }
        Ok(found)
    }

    /// Adds and revokes grants of a flavor, for one registry or for every one, in one transaction.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn change_grants(
        &self,
        grantee: Grantee<'_>,
        registry: Option<&Name>,
        add: &[Grant],
        revoke: &[HostPattern],
    ) -> Result<(), StoreError> {
        let record =
            AuditRecord::change(AuditAction::FlavorGrant, grantee.flavor).by_flavor(grantee.flavor, grantee.digest);
        let record = match registry {
            Some(registry) => record.of_registry(registry.as_str()),
            None => record,
        };
        let granted = |transaction: &Transaction<'_>| -> Result<Granted, StoreError> {
            Ok(Granted::of_flavor(transaction, grantee.flavor)?.only_for(registry))
        };
        self.change_told(record, |transaction, record| {
            let before = granted(transaction)?;
            for pattern in revoke {
                let sql = "DELETE FROM grants WHERE flavor = ?1 AND digest = ?2 AND registry = ?3 AND pattern = ?4";
                let registry = registry.map_or("", Name::as_str);
                transaction.execute(sql, (grantee.flavor, grantee.digest(), registry, pattern.to_string()))?;
            }
            insert(transaction, grantee, registry, add)?;
            record.changed = before.until(&granted(transaction)?);
            Ok(())
        })
    }
}
