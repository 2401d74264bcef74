//! Writes what a store has as the text of a file.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;

use super::file::{
    Asked, ConfigurationFile, ConnectorEntry, FlavorEntry, Host, PolicyEntry, RegistryEntry, Value, escaped,
};
use super::records::{FlavorOf, Records};
use crate::connector::uses_of;
use crate::flavor::{Action, Description, MetadataHost, builtin};
use crate::grant::{Grant, HostPattern};
use crate::id_token::IdTokenFrom;
use crate::implicit_sources::{Command, ImplicitSource};
use crate::store::{ConnectorRecord, Name, PolicyRecord, RegistryRecord, StoredField, StoredKind, StoredValue};

/// A file that has all of these records, and the connectors of which it can't say what their secrets may be used for.
pub(crate) struct Exported {
    /// The file.
    pub(crate) file: ConfigurationFile,
    /// Connectors that were stored when flavors described their methods otherwise: an apply permits what they say now.
    pub(crate) described_otherwise: Vec<Name>,
}

/// A file that has all of these records, where flavors describe themselves so. No secret is in it: fields whose values
/// are stored are `@stored`.
#[must_use]
pub(crate) fn export(records: &Records, descriptions: &[Description]) -> Exported {
    let mut described_otherwise = Vec::new();
    let of = |name: &str| descriptions.iter().find(|description| description.name.as_str() == name);
    let mut file = ConfigurationFile {
        default_registry: records.default_registry.as_ref().map(ToString::to_string),
        ..ConfigurationFile::default()
    };
    let built_in = records.built_in.iter();
    file.flavors = built_in.map(|(name, grants)| (name.clone(), FlavorEntry::granted(grants, of(name)))).collect();
    let others = records.flavors.iter();
    file.flavors.extend(others.map(|one| (one.record.name.clone(), flavor(one, of(&one.record.name)))));
    for record in &records.connectors {
        let flavor = match described_by(record, records, descriptions) {
            DescribedBy::All => None,
            DescribedBy::One(flavor) => Some(flavor),
            DescribedBy::None => {
                described_otherwise.push(record.name.clone());
                None
            }
        };
        file.connectors.insert(record.name.to_string(), ConnectorEntry { flavor, ..connector(record) });
    }
    let registries = records.registries.iter();
    let registry = |(one, grants): &(RegistryRecord, Vec<Grant>)| registry(one, grants, of(&one.flavor));
    file.registries = registries.map(|one| (one.0.name.to_string(), registry(one))).collect();
    file.policies = records.policies.iter().map(|(one, _)| (one.name.to_string(), policy(one))).collect();
    Exported { file, described_otherwise }
}

/// Whose description of a connector's method is the one that it was stored by.
enum DescribedBy {
    /// All flavors' together.
    All,
    /// That of the flavor of this name.
    One(String),
    /// Nobody's any more.
    None,
}

/// Of several flavors that describe it alike, the one of a registry that uses the connector.
fn described_by(record: &ConnectorRecord, records: &Records, descriptions: &[Description]) -> DescribedBy {
    let is_by = |some: &[Description]| uses_of(some, &record.connector_type, &record.method) == record.uses;
    if is_by(descriptions) {
        return DescribedBy::All;
    }
    let is_used = |flavor: &str| {
        let mut users = records.registries.iter().map(|(registry, _)| registry);
        users.any(|user| user.flavor == flavor && user.connector.as_ref() == Some(&record.name))
    };
    let all = || descriptions.iter().filter(|one| is_by(std::slice::from_ref(*one)));
    let one = all().find(|one| is_used(one.name.as_str())).or_else(|| all().next());
    one.map_or(DescribedBy::None, |one| DescribedBy::One(one.name.to_string()))
}

impl ConfigurationFile {
    /// The text of the file.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        // Never fails: texts, lists and truth values by name make TOML.
        toml::to_string(self).unwrap_or_default()
    }
}

fn flavor(flavor: &FlavorOf, description: Option<&Description>) -> FlavorEntry {
    let FlavorOf { record, grants, .. } = flavor;
    FlavorEntry {
        source: Some(escaped(&record.origin)),
        allow_operations: record.accepted_operations.clone(),
        ..FlavorEntry::granted(grants, description)
    }
}

impl FlavorEntry {
    /// A flavor with these grants, as users give them: the machine's metadata by one word.
    fn granted(grants: &[Grant], description: Option<&Description>) -> Self {
        let metadata = description.map(Description::metadata_hosts).unwrap_or_default();
        let metadata: Vec<Grant> = metadata.iter().map(MetadataHost::grant).collect();
        let allow_metadata = !metadata.is_empty() && metadata.iter().all(|grant| grants.contains(grant));
        let is_listed = |grant: &&Grant| !(allow_metadata && metadata.contains(grant));
        let listed: Vec<Grant> = grants.iter().filter(is_listed).cloned().collect();
        let [allow_hosts, allow_secret_hosts, allow_private_hosts] = hosts(&listed, requested(description).as_deref());
        Self { allow_hosts, allow_secret_hosts, allow_private_hosts, allow_metadata, ..Self::default() }
    }
}

/// The patterns of the hosts that a flavor asks for; `None` if that is not known.
fn requested(description: Option<&Description>) -> Option<Vec<HostPattern>> {
    Some(description?.requested_hosts().into_iter().map(|host| host.pattern).collect())
}

/// The lists that make these grants again: plain, with secrets, and for a private network. A pattern that a component
/// asks for is written only in the last one, any other in each.
fn hosts(grants: &[Grant], requested: Option<&[HostPattern]>) -> [Vec<Host>; 3] {
    let is_private =
        |grant: &Grant| grant.written && requested.is_none_or(|requested| requested.contains(&grant.pattern));
    let of = |is: &dyn Fn(&Grant) -> bool| {
        grants.iter().filter(|grant| is(grant)).map(|grant| Host(grant.pattern.clone())).collect::<Vec<_>>()
    };
    [of(&|grant| !grant.secrets && !is_private(grant)), of(&|grant| grant.secrets), of(&is_private)]
}

fn connector(record: &ConnectorRecord) -> ConnectorEntry {
    let mut entry = ConnectorEntry {
        connector_type: record.connector_type.clone(),
        auth_method: Some(record.method.clone()),
        flavor: None,
        allow_implicit: false,
        allow_commands: Vec::new(),
        id_token_from: None,
        fields: BTreeMap::new(),
    };
    for StoredField { name, kind, value, .. } in &record.fields {
        let text = match value {
            StoredValue::Given(value) if *kind == StoredKind::Text => literal(value.expose_secret()),
            StoredValue::Given(_) => "@stored".to_owned(),
            StoredValue::Implicit(sources) => match sources.as_slice() {
                [ImplicitSource::Env(variable)] => format!("@env:{variable}"),
                // Text that flavors see is read from a file only where its method names it.
                [ImplicitSource::File(path)] if *kind != StoredKind::Text => format!("@file:{path}"),
                [ImplicitSource::IdToken { audience, from }] => {
                    entry.id_token_from = entry.id_token_from.or_else(|| place(from));
                    format!("@oidc:{audience}")
                }
                [ImplicitSource::Command(command @ Command { name: None, .. })] => {
                    format!("@command:{}", command.line())
                }
                sources => {
                    let names = sources.iter().filter_map(|source| source.command()?.name.clone());
                    entry.allow_commands.extend(names);
                    entry.allow_implicit |= sources.iter().any(|source| source.command().is_none());
                    continue;
                }
            },
        };
        entry.fields.insert(name.clone(), text);
    }
    entry
}

/// A value as the file has it.
fn literal(value: &str) -> String {
    let value = escaped(value);
    if value.starts_with('@') { format!("@{value}") } else { value }
}

/// Where id tokens are from, as `id-token-from` has it.
fn place(from: &IdTokenFrom) -> Option<String> {
    (*from != IdTokenFrom::Auto).then(|| String::from(from.clone()))
}

fn registry(record: &RegistryRecord, grants: &[Grant], description: Option<&Description>) -> RegistryEntry {
    let [allow_hosts, allow_secret_hosts, allow_private_hosts] = hosts(grants, requested(description).as_deref());
    RegistryEntry {
        flavor: record.flavor.clone(),
        uri: escaped(&record.uri.to_string()),
        connector: record.connector.as_ref().map(ToString::to_string),
        insecure: record.insecure,
        allow_hosts,
        allow_secret_hosts,
        allow_private_hosts,
        options: options(&record.options),
    }
}

fn policy(record: &PolicyRecord) -> PolicyEntry {
    let [allow_hosts, _, allow_private_hosts] = hosts(&record.grants, None);
    let actions: Vec<Action> =
        Action::ALL.into_iter().filter(|action| record.actions.iter().any(|word| word == action.word())).collect();
    let all = actions.len() == Action::ALL.len();
    let scopes = record.registries.iter();
    PolicyEntry {
        source: match builtin::find_policy(&record.policy) {
            Some(_) if !record.is_stored => record.policy.clone(),
            _ => escaped(&record.origin),
        },
        on: actions.into_iter().filter(|_| !all).map(Asked).collect(),
        registries: scopes
            .map(|scope| scope.name.as_ref().map_or_else(|| scope.uri.clone(), ToString::to_string))
            .collect(),
        allow_hosts,
        allow_private_hosts,
        disabled: !record.enabled,
        options: options(&record.options),
    }
}

fn options(options: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let value = |value: &String| match value.as_str() {
        "true" => Value::Flag(true),
        "false" => Value::Flag(false),
        text => Value::Text(escaped(text)),
    };
    options.iter().map(|(name, text)| (name.clone(), value(text))).collect()
}
