//! The flavors of one user, by name.

use super::error::CatalogError;
use super::record::{BUILT_IN, description, grantee, record};
use crate::flavor::builtin::BUILTIN;
use crate::flavor::{Accepted, AdmissionError, Description, Flavor, Runtime};
use crate::store::{FlavorRecord, Store, StoreError};
use crate::text::Escaped;

/// The flavors of one user.
pub(crate) struct Catalog<'a> {
    /// Loads their components.
    pub(super) runtime: &'a Runtime,
    /// Keeps those that the user registered.
    pub(super) store: &'a Store,
}

impl<'a> Catalog<'a> {
    /// The built-in flavors and those of `store`.
    #[must_use]
    pub(crate) fn new(runtime: &'a Runtime, store: &'a Store) -> Self {
        Self { runtime, store }
    }

    /// All flavors, the built-in ones first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) async fn list(&self) -> Result<Vec<FlavorRecord>, CatalogError> {
        let mut flavors = Vec::new();
        for (name, component) in BUILTIN {
            flavors.push(record(&self.admit(name, component).await?, BUILT_IN));
        }
        flavors.extend(self.store.flavors()?);
        Ok(flavors)
    }

    /// The flavor of a name with its grants, ready to be called, and its record.
    ///
    /// # Errors
    /// When there is none, or its component can no longer be used.
    pub(crate) async fn get(&self, name: &str) -> Result<(Flavor, FlavorRecord), CatalogError> {
        if let Some((_, component)) = BUILTIN.iter().find(|(built_in, _)| *built_in == name) {
            let flavor = self.admit(name, component).await?;
            let record = record(&flavor, BUILT_IN);
            // A built-in flavor is granted all hosts that it requests.
            let requested = flavor.description().requested_hosts().into_iter().map(|host| host.grant());
            let grants = requested.chain(self.store.grants(grantee(&record))?).collect();
            return Ok((flavor.granted(grants, Accepted::All), record));
        }
        let Some(record) = self.store.flavor(name)? else { return Err(self.unknown(name)?) };
        let component = self.store.component(&record)?;
        let flavor = match description(&record)? {
            Some(description) => {
                self.runtime.load(&component, description).await.map_err(not_admitted(&record.origin))?
            }
            None => self.admit(&record.origin, &component).await?,
        };
        let accepted = Accepted::Operations(record.accepted_operations.clone());
        Ok((flavor.granted(self.store.grants(grantee(&record))?, accepted), record))
    }

    /// The descriptions of all flavors, the built-in ones first.
    ///
    /// # Errors
    /// When the store can't be read, or a component can no longer be used.
    pub(crate) async fn descriptions(&self) -> Result<Vec<Description>, CatalogError> {
        let mut descriptions = Vec::new();
        for record in self.list().await? {
            descriptions.push(match description(&record)? {
                Some(description) => description,
                None => self.get(&record.name).await?.0.description().clone(),
            });
        }
        Ok(descriptions)
    }

    /// The error for a name that no flavor has.
    pub(super) fn unknown(&self, name: &str) -> Result<CatalogError, StoreError> {
        let built_in = BUILTIN.iter().map(|(name, _)| Escaped::from(*name));
        let known = built_in.chain(self.store.flavors()?.into_iter().map(|flavor| flavor.name.into())).collect();
        Ok(CatalogError::Unknown { name: Escaped::new(name, 80), known })
    }

    /// The flavor of a component; `origin` is shown if it is none.
    pub(super) async fn admit(&self, origin: &str, component: &[u8]) -> Result<Flavor, CatalogError> {
        self.runtime.admit(component).await.map_err(not_admitted(origin))
    }
}

fn not_admitted(origin: &str) -> impl FnOnce(AdmissionError) -> CatalogError {
    let origin = Escaped::new(origin, 200);
    |reason| CatalogError::Admission { origin, reason }
}
