//! Registered flavors: a row for each, and the component's file by its digest.

mod accepted;
mod previous;
mod record;

use super::audit::{AuditAction, AuditRecord};
use super::database::Store;
use super::error::StoreError;
use super::granted::Granted;
use super::grants::{self, Grantee};
use super::references::registries_of_flavor;
use crate::grant::Grant;
use crate::image::Digest;
pub(crate) use record::FlavorRecord;
use record::Table;
pub(super) use record::is_used as is_component_used;

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

impl Store {
    /// Stores a flavor, its component and its grants. A component with other bytes loses the grants of the old one,
    /// except those for single registries if `keep_registry_grants`; the old one is kept as the one before it. The same
    /// bytes keep their grants, and get the new ones, and have the new origin: updates come from there.
    ///
    /// # Errors
    /// When a component has the name that is neither this one nor the one that it `replaces`.
    pub(crate) fn add_flavor(
        &self,
        flavor: &FlavorRecord,
        component: &[u8],
        granted: &[Grant],
        replaces: Option<&Digest>,
        keep_registry_grants: bool,
    ) -> Result<Added, StoreError> {
        let grantee = Grantee { flavor: &flavor.name, digest: Some(&flavor.digest) };
        // The component is written and removed under the database's write lock, so that every row has its own.
        let record = AuditRecord::change(AuditAction::FlavorRegister, &flavor.name)
            .by_flavor(&flavor.name, Some(&flavor.digest));
        let (added, unused) = self.change_told(record, |transaction, told| {
            let before = Granted::of_flavor(transaction, &flavor.name)?;
            let mut tell = || -> Result<(), StoreError> {
                told.changed = before.until(&Granted::of_flavor(transaction, &flavor.name)?);
                Ok(())
            };
            let old = record::find(transaction, Table::Registered, &flavor.name)?;
            let unused = match &old {
                None => None,
                Some(old) if old.digest == flavor.digest => {
                    grants::insert(transaction, grantee, None, granted)?;
                    record::accept(transaction, old, &flavor.accepted_operations)?;
                    record::set_origin(transaction, flavor)?;
                    tell()?;
                    return Ok((Added::Unchanged, None));
                }
                Some(old) if replaces == Some(&old.digest) => previous::keep(transaction, old)?,
                Some(_) => return Err(StoreError::FlavorTaken(flavor.name.clone().into())),
            };
            self.write_component(transaction, &flavor.digest, component)?;
            record::put(transaction, Table::Registered, flavor)?;
            grants::clear(transaction, &flavor.name)?;
            grants::insert(transaction, grantee, None, granted)?;
            if keep_registry_grants {
                grants::carry_over(transaction, grantee)?;
            } else {
                grants::clear_registries(transaction, &flavor.name)?;
            }
            tell()?;
            Ok((if old.is_some() { Added::Replaced } else { Added::New }, unused))
        })?;
        if let Some(unused) = unused {
            self.remove_unused_component(&unused.digest)?;
        }
        Ok(added)
    }

    /// All flavors, by name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn flavors(&self) -> Result<Vec<FlavorRecord>, StoreError> {
        self.read(record::all)
    }

    /// The flavor of a name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn flavor(&self, name: &str) -> Result<Option<FlavorRecord>, StoreError> {
        self.read(|connection| record::find(connection, Table::Registered, name))
    }

    /// A flavor's component, verified by its digest.
    ///
    /// # Errors
    /// When the file is missing or was changed.
    pub(crate) fn component(&self, flavor: &FlavorRecord) -> Result<Vec<u8>, StoreError> {
        self.read_component(&flavor.digest, || format!("flavor `{}`", flavor.name))
    }

    /// Removes a flavor, and returns whether it existed.
    ///
    /// # Errors
    /// When registries use it.
    pub(crate) fn remove_flavor(&self, name: &str) -> Result<bool, StoreError> {
        let record = AuditRecord::change(AuditAction::FlavorRemove, name).by_flavor(name, None);
        let removed = self.change_told(record, |transaction, told| {
            let registries = registries_of_flavor(transaction, name)?;
            if !registries.is_empty() {
                return Err(StoreError::FlavorInUse { flavor: name.into(), registries });
            }
            let flavor = record::find(transaction, Table::Registered, name)?;
            let previous = record::find(transaction, Table::Previous, name)?;
            if flavor.is_none() {
                // A built-in flavor stays: what goes is what it was granted.
                told.action = AuditAction::FlavorGrant.as_str().into();
            }
            told.changed = Granted::of_flavor(transaction, name)?.until(&Granted::default());
            record::delete(transaction, Table::Registered, name)?;
            record::delete(transaction, Table::Previous, name)?;
            grants::remove_flavor(transaction, name)?;
            Ok(flavor.map(|flavor| (flavor, previous)))
        })?;
        let Some((flavor, previous)) = removed else { return Ok(false) };
        self.remove_runs(name)?;
        for component in [Some(flavor), previous].into_iter().flatten() {
            self.remove_unused_component(&component.digest)?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
