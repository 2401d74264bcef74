//! In what the records of a file and of a store differ.

use std::collections::BTreeSet;

use super::error::ConfigurationError;
use super::records::FlavorOf;
use crate::catalog::remote_name;
use crate::grant::Grant;
use crate::image::Digest;
use crate::store::{Difference, Grantee, PolicyRecord, Store};

/// In what a stored flavor differs; `None` if there is none.
pub(super) fn of_flavor(store: &Store, flavor: &FlavorOf) -> Result<Option<Vec<Difference>>, ConfigurationError> {
    let Some(old) = store.flavor(&flavor.record.name)? else { return Ok(None) };
    let new = &flavor.record;
    let granted = store.grants(Grantee { flavor: &old.name, digest: Some(&old.digest) })?;
    let operations = |list: &[String]| listed(list.iter().cloned().collect());
    let (before, after) = (operations(&old.accepted_operations), operations(&new.accepted_operations));
    let found = [
        Difference::of("version", Some(&old.version), Some(&new.version)),
        Difference::of("digest", Some(old.digest.as_str()), Some(new.digest.as_str())),
        Difference::of("origin", Some(&old.origin), Some(&new.origin))
            .filter(|_| !is_moved((&old.digest, &old.origin), (&new.digest, &new.origin))),
        Difference::of("accepted operations", before.as_deref(), after.as_deref()),
        of_grants(&granted, &flavor.grants),
    ];
    Ok(Some(found.into_iter().flatten().collect()))
}

/// Whether the same bytes were read from another file: each checkout has a place of its own.
fn is_moved(old: (&Digest, &str), new: (&Digest, &str)) -> bool {
    old.0 == new.0 && remote_name(old.1).is_none() && remote_name(new.1).is_none()
}

/// In what a stored policy differs.
pub(super) fn of_policy(old: &PolicyRecord, new: &PolicyRecord) -> Vec<Difference> {
    let options =
        |one: &PolicyRecord| listed(one.options.iter().map(|(name, value)| format!("{name}={value}")).collect());
    let actions = |one: &PolicyRecord| listed(one.actions.iter().cloned().collect());
    let scopes = |one: &PolicyRecord| {
        listed(
            one.registries
                .iter()
                .map(|scope| match &scope.name {
                    Some(name) => format!("{name} ({})", scope.uri),
                    None => scope.uri.clone(),
                })
                .collect(),
        )
    };
    let of_moved = is_moved((&old.digest, &old.origin), (&new.digest, &new.origin));
    let asked = |one: &PolicyRecord| Some(if one.enabled { "yes" } else { "no" }.to_owned());
    let one = |part: &str, of: &dyn Fn(&PolicyRecord) -> Option<String>| {
        Difference::of(part, of(old).as_deref(), of(new).as_deref())
    };
    let found = [
        one("version", &|one| Some(one.version.clone())),
        one("digest", &|one| Some(one.digest.as_str().to_owned())),
        one("origin", &|one| Some(one.origin.clone())).filter(|_| !of_moved),
        one("options", &options),
        one("asked about", &actions),
        one("registries", &scopes),
        one("enabled", &asked),
        of_grants(&old.grants, &new.grants),
    ];
    found.into_iter().flatten().collect()
}

/// In what grants differ.
pub(super) fn of_grants(old: &[Grant], new: &[Grant]) -> Option<Difference> {
    let shown = |grants: &[Grant]| {
        listed(
            grants
                .iter()
                .map(|grant| {
                    let secrets = if grant.secrets { " with secrets" } else { "" };
                    let private = if grant.written { " (written)" } else { "" };
                    format!("{}{secrets}{private}", grant.pattern)
                })
                .collect(),
        )
    };
    Difference::of("allowed hosts", shown(old).as_deref(), shown(new).as_deref())
}

/// Texts in one; `None` if there are none.
fn listed(texts: BTreeSet<String>) -> Option<String> {
    (!texts.is_empty()).then(|| texts.into_iter().collect::<Vec<_>>().join(", "))
}
