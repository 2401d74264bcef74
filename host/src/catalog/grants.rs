//! The user's grants to flavors, for every registry or for single ones.

use super::error::CatalogError;
use super::flavors::Catalog;
use super::record::grantee;
use crate::grant::{Grant, HostPattern};
use crate::store::{FlavorRecord, Name};

impl Catalog<'_> {
    /// Adds grants to a flavor and revokes others, for one registry or for every one. Gives the patterns that are
    /// granted there then; for a built-in flavor, without the hosts that it requests.
    ///
    /// # Errors
    /// When there is no such registry of this flavor, or a pattern to revoke is not granted; nothing has changed then.
    pub(crate) fn grant(
        &self,
        record: &FlavorRecord,
        registry: Option<&Name>,
        add: &[Grant],
        revoke: &[HostPattern],
    ) -> Result<Vec<HostPattern>, CatalogError> {
        let flavor = record.name.clone();
        if let Some(name) = registry
            && self.store.registry(name)?.flavor != flavor
        {
            return Err(CatalogError::OtherFlavor { registry: name.clone(), flavor: flavor.into() });
        }
        let grants = || match registry {
            Some(name) => self.registry_grants(record, name),
            None => Ok(self.store.grants(grantee(record))?),
        };
        let patterns = |grants: Vec<Grant>| grants.into_iter().map(|grant| grant.pattern).collect::<Vec<_>>();
        let earlier = grants()?;
        let add: Vec<Grant> = add.iter().map(|grant| grant.clone().after(&earlier)).collect();
        let before = patterns(earlier);
        if let Some(pattern) = revoke.iter().find(|pattern| !before.contains(pattern)) {
            return Err(CatalogError::NotGranted { flavor: flavor.into(), pattern: pattern.clone(), granted: before });
        }
        self.store.change_grants(grantee(record), registry, &add, revoke)?;
        Ok(patterns(grants()?))
    }

    /// The grants of a flavor for one registry, besides those for every registry.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn registry_grants(&self, record: &FlavorRecord, registry: &Name) -> Result<Vec<Grant>, CatalogError> {
        Ok(self.store.registry_grants(grantee(record), registry)?)
    }

    /// The grants of a flavor for single registries, each with the registry's name.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn grants_of_registries(&self, record: &FlavorRecord) -> Result<Vec<(Name, Grant)>, CatalogError> {
        Ok(self.store.grants_of_registries(grantee(record))?)
    }
}
