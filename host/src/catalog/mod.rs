//! Every flavor that can be named: those that crhost brings along, and those that the user registered.

mod error;

use std::path::Path;

pub(crate) use error::CatalogError;

use crate::flavor::builtin::BUILTIN;
use crate::flavor::{self, AdmissionError, CallOutcome, Description, Flavor, Runtime, Usage};
use crate::grant::{Grant, HostPattern};
use crate::store::{Added, FlavorRecord, Grantee, Name, Run, Store, StoreError};

/// Where built-in flavors come from, as it is shown.
pub(crate) const BUILT_IN: &str = "built-in";

/// The flavors of one user.
pub(crate) struct Catalog<'a> {
    runtime: &'a Runtime,
    store: &'a Store,
}

/// A flavor that could be registered, and what is known of its name.
pub(crate) struct Candidate {
    /// The flavor. Nothing is granted to it.
    pub(crate) flavor: Flavor,
    /// What would be stored.
    pub(crate) record: FlavorRecord,
    /// What is registered under this name, with what it is granted for every registry.
    pub(crate) registered: Option<(FlavorRecord, Vec<Grant>)>,
    /// What that is granted for single registries, which other bytes keep.
    pub(crate) of_registries: Vec<(Name, Grant)>,
    component: Vec<u8>,
}

impl<'a> Catalog<'a> {
    /// The flavors that `store` has, and the built-in ones.
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

    /// The flavor of a name, ready to be called and to reach what it is granted, and where it came from.
    ///
    /// # Errors
    /// When there is none, or its component can no longer be used.
    pub(crate) async fn get(&self, name: &str) -> Result<(Flavor, FlavorRecord), CatalogError> {
        if let Some((_, component)) = BUILTIN.iter().find(|(built_in, _)| *built_in == name) {
            let flavor = self.admit(name, component).await?;
            let record = record(&flavor, BUILT_IN);
            // What crhost brings along is granted what it asks for.
            let asked = flavor.description().asks().into_iter().map(|ask| Grant::asked(ask.pattern.clone()));
            let grants = asked.chain(self.store.grants(grantee(&record))?).collect();
            return Ok((flavor.granted(grants), record));
        }
        let Some(record) = self.store.flavor(name)? else { return Err(self.unknown(name)?) };
        let component = self.store.component(&record)?;
        let flavor = match description(&record)? {
            Some(description) => self.runtime.load(&component, description).await.map_err(refused(&record.origin))?,
            None => self.admit(&record.origin, &component).await?,
        };
        Ok((flavor.granted(self.store.grants(grantee(&record))?), record))
    }

    /// Reads the component in a file and finds out what it is. Nothing is stored.
    ///
    /// # Errors
    /// When it is no flavor, or its name is taken.
    pub(crate) async fn inspect(&self, file: &Path, replace: bool) -> Result<Candidate, CatalogError> {
        let origin = file.display().to_string();
        let component = flavor::read(file).map_err(|reason| CatalogError::Read { path: origin.clone(), reason })?;
        let flavor = self.admit(&origin, &component).await?;
        // Where it came from is still true when the user has gone elsewhere.
        let absolute = std::path::absolute(file).map_or(origin, |path| path.display().to_string());
        let record = record(&flavor, &absolute);
        if is_built_in(&record.name) {
            return Err(CatalogError::BuiltIn(record.name));
        }
        let (registered, of_registries) = match self.store.flavor(&record.name)? {
            Some(old) if old.digest != record.digest && !replace => {
                return Err(StoreError::FlavorTaken(record.name).into());
            }
            Some(old) => {
                let (grants, of_registries) = (self.store.grants(grantee(&old))?, self.grants_of_registries(&old)?);
                (Some((old, grants)), of_registries)
            }
            None => (None, Vec::new()),
        };
        Ok(Candidate { flavor, record, registered, of_registries, component })
    }

    /// Registers a flavor with what the user grants to it.
    ///
    /// # Errors
    /// When its name has been taken in the meantime.
    pub(crate) fn register(
        &self,
        candidate: &Candidate,
        grants: &[Grant],
        replace: bool,
    ) -> Result<Added, CatalogError> {
        let added = self.store.add_flavor(&candidate.record, &candidate.component, grants, replace)?;
        self.record_usage(&candidate.flavor);
        Ok(added)
    }

    /// Grants hosts to a flavor, for one registry or for every one, and takes others away. Gives what it may reach there
    /// then; of a built-in flavor, besides what it asks for.
    ///
    /// # Errors
    /// When there is no such registry of this flavor, or what is to be revoked was not granted; nothing has changed then.
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
            return Err(CatalogError::OtherFlavor { registry: name.clone(), flavor });
        }
        let granted = || -> Result<Vec<HostPattern>, CatalogError> {
            let grants = match registry {
                Some(name) => self.registry_grants(record, name)?,
                None => self.store.grants(grantee(record))?,
            };
            Ok(grants.into_iter().map(|grant| grant.pattern).collect())
        };
        let before = granted()?;
        if let Some(pattern) = revoke.iter().find(|pattern| !before.contains(pattern)) {
            return Err(CatalogError::NotGranted { flavor, pattern: pattern.clone(), granted: before });
        }
        self.store.change_grants(grantee(record), registry, add, revoke)?;
        granted()
    }

    /// What a flavor may reach for one registry, besides what it may for all.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn registry_grants(&self, record: &FlavorRecord, registry: &Name) -> Result<Vec<Grant>, CatalogError> {
        Ok(self.store.registry_grants(grantee(record), registry)?)
    }

    /// What a flavor may reach for single registries besides, with their names.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn grants_of_registries(&self, record: &FlavorRecord) -> Result<Vec<(Name, Grant)>, CatalogError> {
        Ok(self.store.grants_of_registries(grantee(record))?)
    }

    /// Remembers what a flavor's calls have used. To fail at this is no reason to fail at what they were for.
    pub(crate) fn record_usage(&self, flavor: &Flavor) {
        let runs: Vec<Run> = flavor.take_usage().into_iter().map(run).collect();
        let name = flavor.description().name.as_str();
        if let Err(error) = self.store.add_runs(name, &runs) {
            tracing::debug!("what flavor `{name}` used is not remembered: {error}");
        }
    }

    /// Forgets a registered flavor.
    ///
    /// # Errors
    /// When there is none, or registries use it, or it is built in.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CatalogError> {
        if is_built_in(name) {
            return Err(CatalogError::Irremovable(name.to_owned()));
        }
        if self.store.remove_flavor(name)? { Ok(()) } else { Err(self.unknown(name)?) }
    }

    /// The error for a name that no flavor has.
    fn unknown(&self, name: &str) -> Result<CatalogError, StoreError> {
        let built_in = BUILTIN.iter().map(|(name, _)| (*name).to_owned());
        let known = built_in.chain(self.store.flavors()?.into_iter().map(|flavor| flavor.name)).collect();
        Ok(CatalogError::Unknown { name: crate::text::printable(name, 80), known })
    }

    async fn admit(&self, origin: &str, component: &[u8]) -> Result<Flavor, CatalogError> {
        self.runtime.admit(component).await.map_err(refused(origin))
    }

    /// What every flavor says of itself, the built-in ones first.
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
}

/// Who the grants of a flavor are for.
#[must_use]
pub(crate) fn grantee(record: &FlavorRecord) -> Grantee<'_> {
    let digest = (record.origin != BUILT_IN).then_some(&record.digest);
    Grantee { flavor: &record.name, digest }
}

fn refused(origin: &str) -> impl FnOnce(AdmissionError) -> CatalogError {
    let origin = crate::text::printable(origin, 200);
    |reason| CatalogError::Admission { origin, reason }
}

/// What a registered flavor said of itself then, which holds whatever it would say now.
fn description(record: &FlavorRecord) -> Result<Option<Description>, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("flavor `{}` has a wrong description", record.name));
    record.description.as_deref().map(|json| serde_json::from_str(json).map_err(damaged)).transpose()
}

fn is_built_in(name: &str) -> bool {
    BUILTIN.iter().any(|(built_in, _)| *built_in == name)
}

/// A call's usage as the store keeps it.
fn run(usage: Usage) -> Run {
    let Usage { function, outcome, time, memory, requests } = usage;
    let outcome = match outcome {
        CallOutcome::Done => "done",
        CallOutcome::Refused => "refused",
        CallOutcome::Failed => "failed",
    };
    Run { function: function.to_owned(), outcome: outcome.to_owned(), time, memory, requests }
}

fn record(flavor: &Flavor, origin: &str) -> FlavorRecord {
    let description = flavor.description();
    FlavorRecord {
        name: description.name.to_string(),
        version: description.version.to_string(),
        contract: flavor.contract().to_string(),
        summary: description.summary.clone(),
        digest: flavor.digest().clone(),
        size: flavor.size(),
        origin: origin.to_owned(),
        // Our own struct of strings, numbers and lists: nothing that JSON could refuse.
        description: serde_json::to_string(description).ok(),
    }
}
