//! Registering and removing flavors.

use std::path::Path;

use super::error::CatalogError;
use super::flavors::Catalog;
use super::record::{grantee, is_built_in, record};
use crate::flavor::{self, Flavor};
use crate::grant::Grant;
use crate::store::{Added, FlavorRecord, Name, StoreError};

/// A flavor that could be registered, and the registered one of its name.
pub(crate) struct Candidate {
    /// The flavor. Nothing is granted to it.
    pub(crate) flavor: Flavor,
    /// The record that would be stored.
    pub(crate) record: FlavorRecord,
    /// The registered flavor of this name, with its grants for every registry.
    pub(crate) registered: Option<(FlavorRecord, Vec<Grant>)>,
    /// Its grants for single registries, which remain for other bytes.
    pub(crate) of_registries: Vec<(Name, Grant)>,
    component: Vec<u8>,
}

/// All that the user agrees to when a flavor is registered.
pub(crate) struct Consent {
    /// The grants for every registry.
    pub(crate) grants: Vec<Grant>,
    /// Operations with secrets at places that no standard defines, as `TYPE/METHOD/OPERATION`.
    pub(crate) accepted_operations: Vec<String>,
    /// Whether a component in place of another keeps the grants for single registries.
    pub(crate) keep_registry_grants: bool,
}

impl Catalog<'_> {
    /// Reads the component in a file and asks for its description. Nothing is stored.
    ///
    /// # Errors
    /// When it is no flavor, or its name is taken.
    pub(crate) async fn inspect(&self, file: &Path, replace: bool) -> Result<Candidate, CatalogError> {
        let origin = file.display().to_string();
        let component = flavor::read(file).map_err(|reason| CatalogError::Read { path: file.into(), reason })?;
        let flavor = self.admit(&origin, &component).await?;
        // The stored origin is absolute, to be right in any working directory.
        let absolute = std::path::absolute(file).map_or(origin, |path| path.display().to_string());
        let record = record(flavor.description(), flavor.facts(), &absolute);
        if is_built_in(&record.name) {
            return Err(CatalogError::BuiltIn(record.name.into()));
        }
        let (registered, of_registries) = match self.store.flavor(&record.name)? {
            Some(old) if old.digest != record.digest && !replace => {
                return Err(StoreError::FlavorTaken(record.name.into()).into());
            }
            Some(old) => {
                let (grants, of_registries) = (self.store.grants(grantee(&old))?, self.grants_of_registries(&old)?);
                (Some((old, grants)), of_registries)
            }
            None => (None, Vec::new()),
        };
        Ok(Candidate { flavor, record, registered, of_registries, component })
    }

    /// Registers a flavor with the user's grants.
    ///
    /// # Errors
    /// When its name was taken in the meantime.
    pub(crate) fn register(
        &self,
        candidate: &Candidate,
        consent: &Consent,
        replace: bool,
    ) -> Result<Added, CatalogError> {
        let Consent { grants, accepted_operations, keep_registry_grants } = consent;
        let record = FlavorRecord { accepted_operations: accepted_operations.clone(), ..candidate.record.clone() };
        let added = self.store.add_flavor(&record, &candidate.component, grants, replace, *keep_registry_grants)?;
        self.record_usage(&candidate.flavor);
        Ok(added)
    }

    /// Removes a registered flavor.
    ///
    /// # Errors
    /// When there is none, or registries use it, or it is built in.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CatalogError> {
        if is_built_in(name) {
            return Err(CatalogError::Irremovable(name.into()));
        }
        if self.store.remove_flavor(name)? { Ok(()) } else { Err(self.unknown(name)?) }
    }
}
