//! The flavors of one user, by name.

use std::borrow::Cow;

use super::component::Component;
use super::error::CatalogError;
use super::record::{BUILT_IN, description, grantee, is_built_in, maker, record};
use crate::flavor::builtin::{self, BUILTIN, BuiltIn};
use crate::flavor::{Accepted, AdmissionError, Description, Flavor, Known, Maker, RequestedHost, Runtime};
use crate::grant::Grant;
use crate::store::{FlavorRecord, Store, StoreError};
use crate::text::Escaped;

/// A flavor as it is recorded; its component need not be compiled for that.
pub(crate) struct Entry {
    /// Its record.
    pub(crate) record: FlavorRecord,
    /// Its description.
    pub(crate) description: Description,
    /// Its grants for every registry.
    pub(crate) grants: Vec<Grant>,
}

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

    /// What loads components.
    #[must_use]
    pub(crate) fn runtime(&self) -> &'a Runtime {
        self.runtime
    }

    /// What keeps components, registries and policies.
    #[must_use]
    pub(crate) fn store(&self) -> &'a Store {
        self.store
    }

    /// All flavors, the built-in ones first. None of them is compiled.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) async fn list(&self) -> Result<Vec<FlavorRecord>, CatalogError> {
        let mut flavors = Vec::new();
        for built_in in BUILTIN {
            flavors.push(self.built_in(built_in).await?.0);
        }
        flavors.extend(self.store.flavors()?);
        Ok(flavors)
    }

    /// The flavor of a name as it is recorded. Nothing is compiled for it, unless it was registered by a version of
    /// crhost that stored no descriptions.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn entry(&self, name: &str) -> Result<Entry, CatalogError> {
        let (record, description) = match builtin::find(name) {
            Some(built_in) => self.built_in(built_in).await?,
            None => self.registered(name).await?,
        };
        entry(self.store, record, description)
    }

    /// The flavor of a name with its grants, ready to be called, and its record.
    ///
    /// # Errors
    /// When there is none, or its component can no longer be used.
    pub(crate) async fn get(&self, name: &str) -> Result<(Flavor, FlavorRecord), CatalogError> {
        let Entry { record, description, grants } = self.entry(name).await?;
        let (component, accepted) = match builtin::find(name) {
            Some(built_in) => (Cow::Borrowed(built_in.component), Accepted::All),
            None => {
                let accepted = Accepted::Operations(record.accepted_operations.clone());
                (Cow::Owned(self.store.component(&record)?), accepted)
            }
        };
        let known = Known { bytes: &component, digest: &record.digest };
        let flavor = self.runtime.load(known, description).await.map_err(not_admitted(&record.origin))?;
        let maker = maker(&record.origin);
        Ok((flavor.granted(grants, accepted, maker), record))
    }

    /// The descriptions of all flavors, the built-in ones first. None of them is compiled, as for [`Catalog::entry`].
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) async fn descriptions(&self) -> Result<Vec<Description>, CatalogError> {
        let mut descriptions = Vec::new();
        for built_in in BUILTIN {
            descriptions.push(match built_in.description() {
                Some(description) => description,
                None => self.built_in(built_in).await?.1,
            });
        }
        for record in self.store.flavors()? {
            descriptions.push(self.registered(&record.name).await?.1);
        }
        Ok(descriptions)
    }

    /// A built-in flavor. Its component runs only if no description was embedded with it.
    async fn built_in(&self, built_in: &BuiltIn) -> Result<(FlavorRecord, Description), CatalogError> {
        let (description, facts) = match built_in.description() {
            Some(description) => (description, built_in.facts().map_err(not_admitted(built_in.name))?),
            None => {
                let flavor = self.admit(built_in.name, built_in.component).await?;
                (flavor.description().clone(), flavor.facts())
            }
        };
        Ok((record(&description, facts, BUILT_IN), description))
    }

    /// A registered flavor. Its component runs only if no description was stored with it.
    async fn registered(&self, name: &str) -> Result<(FlavorRecord, Description), CatalogError> {
        let Some(record) = self.store.flavor(name)? else { return Err(self.unknown(name)?) };
        let description = match description(&record)? {
            Some(description) => description,
            None => self.admit(&record.origin, &self.store.component(&record)?).await?.description().clone(),
        };
        Ok((record, description))
    }

    /// The error for a name that no flavor has.
    pub(super) fn unknown(&self, name: &str) -> Result<CatalogError, StoreError> {
        let built_in = BUILTIN.iter().map(|built_in| Escaped::from(built_in.name));
        let known = built_in.chain(self.store.flavors()?.into_iter().map(|flavor| flavor.name.into())).collect();
        Ok(CatalogError::Unknown { name: Escaped::new(name, 80), known })
    }

    /// The flavor of a component, which is not registered.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) async fn examine(&self, component: &Component) -> Result<Flavor, CatalogError> {
        self.admit(&component.label, &component.bytes).await
    }

    /// The flavor of a component that others are to register.
    ///
    /// # Errors
    /// As for [`Catalog::examine`], and when a built-in flavor has its name.
    pub(crate) async fn examine_to_publish(&self, component: &Component) -> Result<Flavor, CatalogError> {
        let flavor = self.examine(component).await?;
        let name = flavor.description().name.as_str();
        if is_built_in(name) { Err(CatalogError::BuiltIn(name.into())) } else { Ok(flavor) }
    }

    /// The flavor of a component; `origin` is shown if it is none.
    pub(super) async fn admit(&self, origin: &str, component: &[u8]) -> Result<Flavor, CatalogError> {
        self.runtime.admit(origin, component).await.map_err(not_admitted(origin))
    }
}

/// The flavor of a name as it is recorded, without a runtime for its component. `None` where there is none, or only its
/// component could describe it.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn recorded(store: &Store, name: &str) -> Result<Option<Entry>, CatalogError> {
    let found = match builtin::find(name) {
        Some(built_in) => built_in.description().zip(built_in.facts().ok()).map(|(description, facts)| {
            let record = record(&description, facts, BUILT_IN);
            (record, description)
        }),
        None => match store.flavor(name)? {
            Some(record) => description(&record)?.map(|description| (record, description)),
            None => None,
        },
    };
    found.map(|(record, description)| entry(store, record, description)).transpose()
}

/// The component of a flavor, and who can mend it; `None` where no flavor has the name.
///
/// # Errors
/// When the store can't be read, or the component has changed there.
pub(crate) fn component(store: &Store, name: &str) -> Result<Option<(Vec<u8>, Maker)>, CatalogError> {
    if let Some(built_in) = builtin::find(name) {
        return Ok(Some((built_in.component.to_vec(), Maker::Crhost)));
    }
    let Some(record) = store.flavor(name)? else { return Ok(None) };
    Ok(Some((store.component(&record)?, maker(&record.origin))))
}

/// The entry of a flavor, with its grants.
fn entry(store: &Store, record: FlavorRecord, description: Description) -> Result<Entry, CatalogError> {
    // A built-in flavor is granted all hosts that it requests.
    let asked = if record.origin == BUILT_IN { description.requested_hosts() } else { Vec::new() };
    let written = store.grants(grantee(&record))?;
    let grants = asked.iter().map(RequestedHost::grant).chain(written).collect();
    Ok(Entry { record, description, grants })
}

fn not_admitted(origin: &str) -> impl FnOnce(AdmissionError) -> CatalogError {
    let origin = Escaped::new(origin, 200);
    |reason| CatalogError::Admission { origin, reason }
}

/// The descriptions of all flavors that are recorded, without a runtime for components.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn recorded_descriptions(store: &Store) -> Result<Vec<Description>, CatalogError> {
    let mut descriptions: Vec<Description> = BUILTIN.iter().filter_map(BuiltIn::description).collect();
    for record in store.flavors()? {
        descriptions.extend(description(&record)?);
    }
    Ok(descriptions)
}
