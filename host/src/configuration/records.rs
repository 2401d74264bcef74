//! All that a store has registered, as records.

use crate::flavor::builtin::BUILTIN;
use crate::grant::Grant;
use crate::store::{
    ConnectorRecord, FlavorRecord, Grantee, IfTaken, Name, PolicyRecord, RegistryRecord, Store, StoreError,
};

/// All that is registered. Without `Debug`: fields of connectors may hold secrets.
pub(crate) struct Records {
    /// Flavors that are not built in.
    pub(crate) flavors: Vec<FlavorOf>,
    /// What was granted to built-in flavors, by their names.
    pub(crate) built_in: Vec<(String, Vec<Grant>)>,
    /// Connectors.
    pub(crate) connectors: Vec<ConnectorRecord>,
    /// Registries, each with what is granted to its flavor for it alone.
    pub(crate) registries: Vec<(RegistryRecord, Vec<Grant>)>,
    /// Policies, each with its component if the store keeps it.
    pub(crate) policies: Vec<(PolicyRecord, Option<Vec<u8>>)>,
    /// The registry for images whose names have no host.
    pub(crate) default_registry: Option<Name>,
}

/// A flavor that is not built in.
pub(crate) struct FlavorOf {
    /// Its record.
    pub(crate) record: FlavorRecord,
    /// Its grants for every registry.
    pub(crate) grants: Vec<Grant>,
    /// Its component.
    pub(crate) component: Vec<u8>,
}

impl FlavorOf {
    /// What its grants are for.
    pub(super) fn grantee(&self) -> Grantee<'_> {
        Grantee { flavor: &self.record.name, digest: Some(&self.record.digest) }
    }
}

impl Records {
    /// All that a store has.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn of(store: &Store) -> Result<Self, StoreError> {
        let mut flavors = Vec::new();
        for record in store.flavors()? {
            let grants = store.grants(Grantee { flavor: &record.name, digest: Some(&record.digest) })?;
            let component = store.component(&record)?;
            flavors.push(FlavorOf { record, grants, component });
        }
        let mut built_in = Vec::new();
        for flavor in BUILTIN {
            let grants = store.grants(Grantee { flavor: flavor.name, digest: None })?;
            if !grants.is_empty() {
                built_in.push((flavor.name.to_owned(), grants));
            }
        }
        let connectors = store.connectors()?;
        let connectors = connectors.iter().map(|one| store.connector(&one.name)).collect::<Result<_, _>>()?;
        let mut registries = Vec::new();
        for record in store.registries()? {
            let flavor = flavors.iter().find(|flavor| flavor.record.name == record.flavor);
            let digest = flavor.map(|flavor| &flavor.record.digest);
            let grants = store.registry_grants(Grantee { flavor: &record.flavor, digest }, &record.name)?;
            registries.push((record, grants));
        }
        let with_component = |policy: PolicyRecord| {
            let component = policy.is_stored.then(|| store.policy_component(&policy)).transpose()?;
            Ok((policy, component))
        };
        let policies = store.policies()?.into_iter().map(with_component).collect::<Result<_, StoreError>>()?;
        let default_registry = store.current_registry()?;
        Ok(Self { flavors, built_in, connectors, registries, policies, default_registry })
    }

    /// What the grants of a registry's flavor are for.
    pub(super) fn grantee<'a>(&'a self, registry: &'a RegistryRecord) -> Grantee<'a> {
        let flavor = self.flavors.iter().find(|flavor| flavor.record.name == registry.flavor);
        Grantee { flavor: &registry.flavor, digest: flavor.map(|flavor| &flavor.record.digest) }
    }

    /// A store in memory with all of them, which can be changed.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn in_memory(&self) -> Result<Store, StoreError> {
        let store = Store::in_memory()?;
        store.together("apply", |store| {
            for flavor in &self.flavors {
                store.add_flavor(&flavor.record, &flavor.component, &flavor.grants, None, true)?;
            }
            for (flavor, grants) in &self.built_in {
                store.change_grants(Grantee { flavor, digest: None }, None, grants, &[])?;
            }
            for connector in &self.connectors {
                store.put_connector(connector, IfTaken::Refuse)?;
            }
            for (registry, grants) in &self.registries {
                store.put_registry(registry, self.grantee(registry), grants, IfTaken::Refuse)?;
            }
            for (policy, component) in &self.policies {
                store.put_policy(policy, component.as_deref(), false)?;
            }
            self.default_registry.iter().try_for_each(|name| store.use_registry(name))
        })?;
        Ok(store)
    }
}
