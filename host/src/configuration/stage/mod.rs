//! Registers all that a file has in a store in memory, by the rules that hold for each command.

mod connectors;
mod grants;

use std::collections::BTreeMap;

use super::components::Fetched;
use super::error::ConfigurationError;
use super::file::{DEFAULT, Evaluated, FlavorEntry, PolicyEntry, RegistryEntry, Value, filled_in};
use super::records::Records;
use crate::catalog::{Catalog, Consent};
use crate::environment::Environment;
use crate::flavor::{Runtime, builtin};
use crate::policy::{self, Policies};
use crate::registry;
use crate::store::{Grantee, IfTaken, Name, Store};
use crate::text::nearest;
use grants::{accepted, granted, named, requested};

/// What a file comes to.
pub(crate) struct Staged {
    /// The records.
    pub(crate) records: Records,
    /// What the flavors and crhost have to say about entries.
    pub(crate) remarks: Vec<String>,
}

/// Registers all of a file in memory. `stored` has the values of fields that the store alone has.
///
/// # Errors
/// When an entry is refused, as the command that registers it would refuse it.
pub(crate) async fn stage(
    file: &Evaluated,
    fetched: Fetched,
    runtime: &Runtime,
    environment: &Environment,
    stored: Option<&Store>,
) -> Result<Staged, ConfigurationError> {
    let store = Store::in_memory()?;
    let catalog = Catalog::new(runtime, &store);
    let mut stage = Stage { file, store: &store, catalog: &catalog, environment, stored, remarks: Vec::new() };
    let Fetched { mut flavors, mut policies, .. } = fetched;
    for (name, entry) in &file.file.flavors {
        stage.flavor(name, entry, flavors.remove(name)).await?;
    }
    for (name, entry) in &file.file.connectors {
        stage.connector(name, entry).await?;
    }
    let (registries, keys) = (&file.file.registries, &file.file.keys);
    let registries = registries.iter().map(|(name, entry)| (file.at("registry", name), name, entry));
    for (at, name, entry) in registries.chain(keys.iter().map(|(name, entry)| (file.at("key", name), name, entry))) {
        stage.registry(&at, name, entry).await?;
    }
    let of_policies = Policies { store: &store, runtime };
    for (name, entry) in &file.file.policies {
        stage.policy(&of_policies, name, entry, policies.remove(name)).await?;
    }
    if let Some(name) = &file.file.default_registry {
        let at = file.at(DEFAULT, "");
        let used = store.use_registry(&parsed_name(&at, name)?);
        used.map_err(|error| ConfigurationError::of_entry(&at, &error))?;
    }
    let (mut records, remarks) = (Records::of(&store)?, stage.remarks);
    // One that the file names without hosts has none.
    let built_in = file.file.flavors.iter().filter(|(_, entry)| entry.source.is_none()).map(|(name, _)| name);
    for name in built_in {
        if !records.built_in.iter().any(|(known, _)| known == name) {
            records.built_in.push((name.clone(), Vec::new()));
        }
    }
    Ok(Staged { records, remarks })
}

/// What entries are registered with.
struct Stage<'a> {
    file: &'a Evaluated,
    store: &'a Store,
    catalog: &'a Catalog<'a>,
    environment: &'a Environment,
    stored: Option<&'a Store>,
    remarks: Vec<String>,
}

impl Stage<'_> {
    async fn flavor(
        &mut self,
        name: &str,
        entry: &FlavorEntry,
        component: Option<crate::catalog::Component>,
    ) -> Result<(), ConfigurationError> {
        let at = self.file.at("flavor", name);
        let wrong = |error: crate::catalog::CatalogError| ConfigurationError::of_entry(&at, &error);
        let Some(component) = component else {
            if builtin::find(name).is_none() {
                let near = nearest(name, builtin::BUILTIN.iter().map(|flavor| flavor.name));
                let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                let problem = format!("it is not built in, and has no `source`{near}");
                return Err(ConfigurationError::malformed(&at, problem));
            }
            let description = self.catalog.entry(name).await.map_err(wrong)?.description;
            let grants = granted(&at, entry, &description)?;
            accepted(&at, entry, &description)?;
            return Ok(self.store.change_grants(Grantee { flavor: name, digest: None }, None, &grants, &[])?);
        };
        let candidate = self.catalog.inspect(component, true).await.map_err(wrong)?;
        if candidate.record.name != name {
            let problem = format!("its component is flavor `{}`", candidate.record.name);
            return Err(ConfigurationError::malformed(&at, problem));
        }
        let description = candidate.flavor.description();
        let grants = granted(&at, entry, description)?;
        let accepted_operations = accepted(&at, entry, description)?;
        let consent = Consent { grants, accepted_operations, keep_registry_grants: true };
        self.catalog.register(&candidate, &consent).map(drop).map_err(wrong)
    }

    async fn registry(&mut self, at: &str, name: &str, entry: &RegistryEntry) -> Result<(), ConfigurationError> {
        let RegistryEntry { flavor, uri, connector, insecure, .. } = entry;
        let typed = filled_in(at, uri, self.environment)?.parse();
        let typed = typed.map_err(|error| ConfigurationError::of_entry(at, &error))?;
        let wrong = |error: registry::RegistryError| ConfigurationError::of_entry(at, &error);
        let entry_of = self.catalog.entry(flavor).await;
        let description = entry_of.map_err(|error| ConfigurationError::of_entry(at, &error))?.description;
        let requested = requested(&description);
        let registration = registry::Registration {
            name: parsed_name(at, name)?,
            flavor: flavor.clone(),
            uri: typed,
            options: self.options(at, &entry.options)?,
            grants: named(&entry.allow_hosts, &entry.allow_secret_hosts, &entry.allow_private_hosts).beside(&requested),
            connector: connector.as_deref().map(|name| parsed_name(at, name)).transpose()?,
            insecure: Some(*insecure),
        };
        let candidate = registry::register(self.store, self.catalog, registration, IfTaken::Refuse).await;
        let candidate = candidate.map_err(wrong)?;
        if let Some(question) = candidate.question() {
            let problem = format!("{}, which the file does not say", question.remark);
            return Err(ConfigurationError::malformed(at, problem));
        }
        self.remarks.extend(candidate.warnings().iter().map(|warning| format!("registry `{name}`: {warning}")));
        self.remarks.extend(candidate.ungranted().iter().map(|option| format!("registry `{name}`: {option}")));
        candidate.store(self.store, self.catalog, None).await.map(drop).map_err(wrong)
    }

    async fn policy(
        &mut self,
        policies: &Policies<'_>,
        name: &str,
        entry: &PolicyEntry,
        component: Option<crate::catalog::Component>,
    ) -> Result<(), ConfigurationError> {
        let at = self.file.at("policy", name);
        let own_name = parsed_name(&at, name)?;
        let candidate = match component {
            Some(component) => policies.examine(component).await,
            None => policies.inspect(std::path::Path::new(&entry.source)).await,
        };
        let wrong = |error| ConfigurationError::of_entry(&at, &error);
        let candidate = candidate.map_err(wrong)?;
        let hosts = named(&entry.allow_hosts, &[], &entry.allow_private_hosts);
        let registration = policy::Registration {
            name: Some(own_name.clone()),
            options: self.options(&at, &entry.options)?,
            actions: entry.on.iter().map(|asked| asked.0).collect(),
            registries: entry.registries.clone(),
            grants: hosts.beside(&candidate.description.requested_hosts()),
            replace: false,
        };
        policies.register(&candidate, registration).map_err(wrong)?;
        if entry.disabled {
            let change = policy::Change { enabled: Some(false), ..policy::Change::default() };
            policies.change(&own_name, change).map_err(wrong)?;
        }
        Ok(())
    }

    fn options(
        &self,
        at: &str,
        given: &BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, String>, ConfigurationError> {
        let text = |value: &Value| match value {
            Value::Text(text) => filled_in(at, text, self.environment),
            Value::Flag(flag) => Ok(flag.to_string()),
            Value::Number(number) => Ok(number.to_string()),
        };
        given.iter().map(|(name, value)| Ok((name.clone(), text(value)?))).collect()
    }
}

fn parsed_name(at: &str, name: &str) -> Result<Name, ConfigurationError> {
    name.parse().map_err(|error: crate::store::NameError| ConfigurationError::malformed(at, error.to_string()))
}
