//! What is granted before and after a change, for the audit.

use std::collections::BTreeSet;

use super::error::StoreError;
use super::name::Name;
use super::sql::Transaction;
use crate::grant::Grant;
use crate::text::Escaped;

/// Flavor, digest of its component, registry, what is granted in words.
type One = (String, String, String, String);

/// A set of grants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Granted(BTreeSet<One>);

/// Flavor, digest, registry, pattern, whether the user wrote it, whether secrets may go there.
type Columns = (String, String, String, String, bool, bool);

impl Granted {
    /// Those for a registry alone, of whatever flavor.
    pub(super) fn of_registry(transaction: &Transaction<'_>, registry: &Name) -> Result<Self, StoreError> {
        Self::found(transaction, "registry = ?1", registry.as_str())
    }

    /// All those of a flavor.
    pub(super) fn of_flavor(transaction: &Transaction<'_>, flavor: &str) -> Result<Self, StoreError> {
        Self::found(transaction, "flavor = ?1", flavor)
    }

    fn found(transaction: &Transaction<'_>, condition: &str, value: &str) -> Result<Self, StoreError> {
        let sql = format!("SELECT flavor, digest, registry, pattern, written, secrets FROM grants WHERE {condition}");
        let rows: Vec<Columns> = transaction.all(&sql, [value])?;
        let one = |(flavor, digest, registry, pattern, written, secrets): Columns| {
            (flavor, digest, registry, words(&pattern, written, secrets))
        };
        Ok(Self(rows.into_iter().map(one).collect()))
    }

    /// Those that are to be for a registry alone, of a flavor and the digest of its component.
    pub(super) fn to_be((flavor, digest): (&str, &str), registry: &Name, grants: &[Grant]) -> Self {
        let one = |grant: &Grant| (flavor.to_owned(), digest.to_owned(), registry.to_string(), in_words(grant));
        Self(grants.iter().map(one).collect())
    }

    /// Those for every registry alone, or for this one.
    pub(super) fn only_for(self, registry: Option<&Name>) -> Self {
        let registry = registry.map_or("", Name::as_str);
        Self(self.0.into_iter().filter(|one| one.2 == registry).collect())
    }

    /// What is taken and given by a change that leaves `after`, such as `+ https://api.example.com with secrets`. Where
    /// these are of one flavor with several registries, each has its registry's name.
    pub(super) fn until(&self, after: &Self) -> Vec<Escaped> {
        let places: BTreeSet<&str> = self.0.iter().chain(&after.0).map(|one| one.2.as_str()).collect();
        let text = |(_, _, registry, words): &One| match registry.as_str() {
            registry if places.len() > 1 && !registry.is_empty() => format!("{words} for registry {registry}"),
            _ => words.clone(),
        };
        let texts = |granted: &Self| granted.0.iter().map(text).collect::<BTreeSet<String>>();
        let (before, after) = (texts(self), texts(after));
        taken_and_given(&before, &after)
    }
}

/// What is taken and given from one list of grants to another.
pub(super) fn between(before: &[Grant], after: &[Grant]) -> Vec<Escaped> {
    let texts = |grants: &[Grant]| grants.iter().map(in_words).collect();
    taken_and_given(&texts(before), &texts(after))
}

fn taken_and_given(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<Escaped> {
    let taken = before.difference(after).map(|text| format!("- {text}").into());
    taken.chain(after.difference(before).map(|text| format!("+ {text}").into())).collect()
}

/// A grant in words.
fn in_words(grant: &Grant) -> String {
    words(&grant.pattern.to_string(), grant.written, grant.secrets)
}

/// Hosts, and what more is granted than to reach them: one that the user wrote may be inside a private network.
fn words(pattern: &str, written: bool, secrets: bool) -> String {
    let secrets = if secrets { " with secrets" } else { "" };
    let asked = if written { "" } else { " as requested" };
    format!("{pattern}{secrets}{asked}")
}
