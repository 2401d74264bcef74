//! Registering and removing flavors.

use semver::Version;

use super::changes::{Changes, Succession};
use super::component::Component;
use super::error::CatalogError;
use super::flavors::Catalog;
use super::record::{grantee, is_built_in, record};
use crate::flavor::{Description, Flavor, broken_promises};
use crate::grant::Grant;
use crate::store::{Added, FlavorRecord, Name};

/// A flavor that could be registered, and the registered one of its name.
pub(crate) struct Candidate {
    /// The flavor. Nothing is granted to it.
    pub(crate) flavor: Flavor,
    /// The record that would be stored.
    pub(crate) record: FlavorRecord,
    /// The registered flavor of this name, with its grants for every registry.
    pub(crate) registered: Option<(FlavorRecord, Vec<Grant>)>,
    /// The description of that one.
    pub(crate) before: Option<Description>,
    /// How it stands to that one.
    pub(crate) succession: Succession,
    /// Its grants for single registries, which remain for other bytes.
    pub(crate) of_registries: Vec<(Name, Grant)>,
    component: Vec<u8>,
}

impl Candidate {
    /// What it describes otherwise than the registered one; `None` where there is none.
    #[must_use]
    pub(crate) fn changes(&self) -> Option<Changes> {
        self.before.as_ref().map(|before| Changes::between(before, self.flavor.description()))
    }

    /// Whether it is registered already.
    #[must_use]
    pub(crate) fn is_unchanged(&self) -> bool {
        self.succession == Succession::Unchanged
    }
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
    /// Asks a component for its description. Nothing is stored. What takes the place of a registered one has to have a
    /// later version, unless `force` says otherwise: a version stands for the same bytes everywhere.
    ///
    /// # Errors
    /// When it is no flavor, its name is that of a built-in one, or the registered one stays.
    pub(crate) async fn inspect(&self, component: Component, force: bool) -> Result<Candidate, CatalogError> {
        let Component { bytes, label, origin } = component;
        let flavor = self.admit(&label, &bytes).await?;
        if let Some((first, others)) = broken_promises(&flavor).await.split_first() {
            let (broken, others) = (first.problem.clone(), others.len());
            return Err(CatalogError::Promises { origin: label.into(), broken, others });
        }
        let record = record(flavor.description(), flavor.facts(), &origin);
        if is_built_in(&record.name) {
            return Err(CatalogError::BuiltIn(record.name.into()));
        }
        let Some(old) = self.store.flavor(&record.name)? else {
            let (succession, of_registries) = (Succession::New, Vec::new());
            let (registered, before, component) = (None, None, bytes);
            return Ok(Candidate { flavor, record, registered, before, succession, of_registries, component });
        };
        let given = &flavor.description().version;
        let succession = match old.digest == record.digest {
            true => Succession::Unchanged,
            false => Succession::of_versions(&old.version, given),
        };
        if !force {
            ensure_later(&old, given, succession)?;
        }
        let before = self.entry(&record.name).await?.description;
        let (grants, of_registries) = (self.store.grants(grantee(&old))?, self.grants_of_registries(&old)?);
        let (registered, before, component) = (Some((old, grants)), Some(before), bytes);
        Ok(Candidate { flavor, record, registered, before, succession, of_registries, component })
    }

    /// Registers a flavor with the user's grants, in the place of the one that was there when it was inspected.
    ///
    /// # Errors
    /// When its name was taken in the meantime.
    pub(crate) fn register(&self, candidate: &Candidate, consent: &Consent) -> Result<Added, CatalogError> {
        let Consent { grants, accepted_operations, keep_registry_grants } = consent;
        let record = FlavorRecord { accepted_operations: accepted_operations.clone(), ..candidate.record.clone() };
        let replaces = candidate.registered.as_ref().map(|(old, _)| &old.digest);
        let added = self.store.add_flavor(&record, &candidate.component, grants, replaces, *keep_registry_grants)?;
        self.record_usage(&candidate.flavor);
        Ok(added)
    }

    /// The flavor that the registered one of a name took the place of, ready to be asked, and both records: the
    /// registered one first.
    ///
    /// # Errors
    /// When there is none, or its component can no longer be used.
    pub(crate) async fn previous(&self, name: &str) -> Result<(Flavor, FlavorRecord, FlavorRecord), CatalogError> {
        if is_built_in(name) {
            return Err(CatalogError::Irremovable(name.into()));
        }
        let Some(current) = self.store.flavor(name)? else { return Err(self.unknown(name)?) };
        let Some(previous) = self.store.previous_flavor(name)? else {
            return Err(CatalogError::NoPrevious { name: name.into(), version: current.version.into() });
        };
        let component = self.store.component(&previous)?;
        Ok((self.admit(&previous.origin, &component).await?, current, previous))
    }

    /// Has the registered flavor and the one before it change places; each keeps what it was granted.
    ///
    /// # Errors
    /// When others are there by now.
    pub(crate) fn roll_back(&self, current: &FlavorRecord, previous: &FlavorRecord) -> Result<(), CatalogError> {
        Ok(self.store.swap_flavor(&current.name, &current.digest, &previous.digest)?)
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

/// Refuses what would take the place of a registered flavor without a later version.
fn ensure_later(old: &FlavorRecord, given: &Version, succession: Succession) -> Result<(), CatalogError> {
    let (name, registered) = (old.name.as_str().into(), old.version.as_str().into());
    match succession {
        Succession::SameVersion => Err(CatalogError::SameVersion { name, registered }),
        Succession::Older => Err(CatalogError::Older { name, registered, given: given.to_string().into() }),
        Succession::New | Succession::Unchanged | Succession::Newer => Ok(()),
    }
}
