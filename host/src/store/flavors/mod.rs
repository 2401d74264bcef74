//! Registered flavors: a row for each, and the component's file by its digest.

mod accepted;
mod previous;
mod record;

use std::fs;
use std::path::PathBuf;

use super::database::Store;
use super::error::StoreError;
use super::grants::{self, Grantee};
use super::references::registries_of_flavor;
use crate::files::atomic;
use crate::grant::Grant;
use crate::image::Digest;
pub(crate) use record::FlavorRecord;
use record::Table;

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
        // The file is written and removed under the database's write lock, so that every row has its file.
        let (added, unused) = self.change(|transaction| {
            let old = record::find(transaction, Table::Registered, &flavor.name)?;
            let unused = match &old {
                None => None,
                Some(old) if old.digest == flavor.digest => {
                    grants::insert(transaction, grantee, None, granted)?;
                    record::accept(transaction, old, &flavor.accepted_operations)?;
                    record::set_origin(transaction, flavor)?;
                    return Ok((Added::Unchanged, None));
                }
                Some(old) if replaces == Some(&old.digest) => previous::keep(transaction, old)?,
                Some(_) => return Err(StoreError::FlavorTaken(flavor.name.clone().into())),
            };
            self.write_component(&flavor.digest, component)?;
            record::put(transaction, Table::Registered, flavor)?;
            grants::clear(transaction, &flavor.name)?;
            grants::insert(transaction, grantee, None, granted)?;
            if keep_registry_grants {
                grants::carry_over(transaction, grantee)?;
            } else {
                grants::clear_registries(transaction, &flavor.name)?;
            }
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

    /// The component of a digest, verified; `whose` names its flavor or policy.
    ///
    /// # Errors
    /// When the file is missing or was changed.
    pub(super) fn read_component(&self, digest: &Digest, whose: impl Fn() -> String) -> Result<Vec<u8>, StoreError> {
        if let Some(memory) = &self.memory {
            return memory.component(digest);
        }
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
        if let Some(memory) = &self.memory {
            memory.keep(digest, component);
            return Ok(());
        }
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
            let flavor = record::find(transaction, Table::Registered, name)?;
            let previous = record::find(transaction, Table::Previous, name)?;
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

    /// Removes a component's file when no flavor or policy has it any more. A kill before this leaves an unused file.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub(super) fn remove_unused_component(&self, digest: &Digest) -> Result<(), StoreError> {
        // A file that is gone does not come back with a transaction that is taken back.
        if self.memory.is_some() || self.together.postpone(digest) {
            return Ok(());
        }
        self.change(|transaction| {
            if !record::is_used(transaction, digest)? {
                let path = self.component_file(digest);
                match fs::remove_file(&path) {
                    // Of two that are removed, both may have had the same bytes.
                    Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => {
                        return Err(StoreError::File { path: path.into(), reason: reason.into() });
                    }
                    _ => {}
                }
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
