//! Writes what a store has as the text of a file.

use std::collections::BTreeMap;

use secrecy::ExposeSecret as _;

use super::file::{
    Asked, ConfigurationFile, ConnectorEntry, FlavorEntry, Host, PolicyEntry, RegistryEntry, Value, escaped,
};
use super::records::{FlavorOf, Records};
use crate::connector::uses_of;
use crate::flavor::{Action, Description, builtin};
use crate::grant::Grant;
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
    let named = |grants: &[Grant]| FlavorEntry::granted(grants);
    let mut file = ConfigurationFile {
        default_registry: records.default_registry.as_ref().map(ToString::to_string),
        ..ConfigurationFile::default()
    };
    file.flavors = records.built_in.iter().map(|(name, grants)| (name.clone(), named(grants))).collect();
    file.flavors.extend(records.flavors.iter().map(|one| (one.record.name.clone(), flavor(one))));
    for record in &records.connectors {
        let flavor = match described_by(record, descriptions) {
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
    file.registries = registries.map(|(one, grants)| (one.name.to_string(), registry(one, grants))).collect();
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

fn described_by(record: &ConnectorRecord, descriptions: &[Description]) -> DescribedBy {
    let is_by = |some: &[Description]| uses_of(some, &record.connector_type, &record.method) == record.uses;
    if is_by(descriptions) {
        return DescribedBy::All;
    }
    let one = descriptions.iter().find(|one| is_by(std::slice::from_ref(*one)));
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

fn flavor(flavor: &FlavorOf) -> FlavorEntry {
    let FlavorOf { record, grants, .. } = flavor;
    FlavorEntry {
        source: Some(escaped(&record.origin)),
        allow_operations: record.accepted_operations.clone(),
        ..FlavorEntry::granted(grants)
    }
}

impl FlavorEntry {
    /// A flavor with these grants: plain, with secrets, and written for a private network.
    fn granted(grants: &[Grant]) -> Self {
        let [allow_hosts, allow_secret_hosts, allow_private_hosts] = hosts(grants);
        Self { allow_hosts, allow_secret_hosts, allow_private_hosts, ..Self::default() }
    }
}

/// The lists that make these grants again, as far as a list makes each: a pattern that a component asks for is written
/// only in the list of private hosts, others in all.
fn hosts(grants: &[Grant]) -> [Vec<Host>; 3] {
    let of = |is: fn(&Grant) -> bool| {
        grants.iter().filter(|grant| is(grant)).map(|grant| Host(grant.pattern.clone())).collect::<Vec<_>>()
    };
    [of(|grant| !grant.secrets && !grant.written), of(|grant| grant.secrets), of(|grant| grant.written)]
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

fn registry(record: &RegistryRecord, grants: &[Grant]) -> RegistryEntry {
    let [allow_hosts, allow_secret_hosts, allow_private_hosts] = hosts(grants);
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
    let [allow_hosts, _, allow_private_hosts] = hosts(&record.grants);
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
