//! What a flavor's next version changes: how its version stands to the registered one, and what it describes otherwise.

use std::cmp::Ordering;

use semver::Version;
use serde::Serialize;

use crate::flavor::{Description, cleanup_operation_name};
use crate::grant::operation::Operation;

/// How a component stands to the registered one of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Succession {
    /// No other is registered.
    New,
    /// It is the registered one.
    Unchanged,
    /// It has a later version (SemVer, "Precedence").
    Newer,
    /// It has other bytes, and the version of the registered one.
    SameVersion,
    /// It has an earlier version.
    Older,
}

impl Succession {
    /// How other bytes of a version stand to the registered version.
    pub(super) fn of_versions(registered: &str, given: &Version) -> Self {
        // Stores hold what `describe` answered, which is always a version.
        let Ok(registered) = Version::parse(registered) else { return Self::Newer };
        match given.cmp_precedence(&registered) {
            Ordering::Greater => Self::Newer,
            Ordering::Equal => Self::SameVersion,
            Ordering::Less => Self::Older,
        }
    }
}

/// What a version describes otherwise than the one before it, each by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Changes {
    /// Options that are new.
    pub(crate) new_options: Vec<String>,
    /// Options that are gone.
    pub(crate) lost_options: Vec<String>,
    /// Auth methods that are new, as `TYPE/METHOD`.
    pub(crate) new_auth_methods: Vec<String>,
    /// Auth methods that are gone.
    pub(crate) lost_auth_methods: Vec<String>,
    /// Operations that are new, as `TYPE/METHOD/OPERATION`, or alone without an auth method.
    pub(crate) new_operations: Vec<String>,
    /// Operations that are otherwise than before: their hosts, paths, parameters or secrets.
    pub(crate) changed_operations: Vec<String>,
    /// Operations that are gone.
    pub(crate) lost_operations: Vec<String>,
    /// Hosts that are asked for and were not asked for before.
    pub(crate) new_hosts: Vec<String>,
    /// Hosts that are asked for no more.
    pub(crate) lost_hosts: Vec<String>,
}

impl Changes {
    /// The changes from one description to another.
    #[must_use]
    pub(crate) fn between(old: &Description, new: &Description) -> Self {
        let options = |of: &Description| of.options.iter().map(|option| option.name.to_string()).collect();
        let methods = |of: &Description| of.auth_methods.iter().map(ToString::to_string).collect();
        let hosts = |of: &Description| of.requested_hosts().iter().map(|host| host.pattern.to_string()).collect();
        let (new_options, lost_options) = apart(options(old), options(new));
        let (new_auth_methods, lost_auth_methods) = apart(methods(old), methods(new));
        let (new_hosts, lost_hosts) = apart(hosts(old), hosts(new));
        let (before, after) = (operations(old), operations(new));
        let names = |of: &[(String, &Operation)]| of.iter().map(|(name, _)| name.clone()).collect();
        let (new_operations, lost_operations) = apart(names(&before), names(&after));
        let is_other = |(name, operation): &&(String, &Operation)| {
            let mut same = before.iter().filter(|(known, _)| known == name).peekable();
            same.peek().is_some() && !same.any(|(_, other)| other == operation)
        };
        let changed_operations = after.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
        Self {
            new_options,
            lost_options,
            new_auth_methods,
            lost_auth_methods,
            new_operations,
            changed_operations,
            lost_operations,
            new_hosts,
            lost_hosts,
        }
    }
}

/// What is in the second list alone, and what in the first alone.
fn apart(old: Vec<String>, new: Vec<String>) -> (Vec<String>, Vec<String>) {
    let added = new.iter().filter(|name| !old.contains(name)).cloned().collect();
    (added, old.into_iter().filter(|name| !new.contains(name)).collect())
}

/// All operations with the names that users know them by.
fn operations(description: &Description) -> Vec<(String, &Operation)> {
    let of_methods = description
        .auth_methods
        .iter()
        .flat_map(|method| method.all_operations().map(move |operation| (method.operation_name(operation), operation)));
    let plain = description.operations.iter().map(|operation| (operation.name.to_string(), operation));
    let cleanup = description.cleanup_operations.iter().map(|operation| (cleanup_operation_name(operation), operation));
    of_methods.chain(plain).chain(cleanup).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavor::builtin;

    #[test]
    fn versions_are_compared_as_semver_says() {
        for (registered, given, expected) in [
            ("1.0.0", "1.0.1", Succession::Newer),
            ("1.10.0", "1.9.9", Succession::Older),
            ("1.0.0-rc.1", "1.0.0", Succession::Newer),
            ("1.0.0", "1.0.0-rc.1", Succession::Older),
            ("1.0.0", "1.0.0", Succession::SameVersion),
            // Build metadata makes no other version (SemVer, 10).
            ("1.0.0+a", "1.0.0+b", Succession::SameVersion),
        ] {
            assert_eq!(Succession::of_versions(registered, &given.parse().unwrap()), expected, "{registered} {given}");
        }
    }

    #[test]
    fn changes_name_what_is_new_what_is_gone_and_what_is_otherwise() {
        let old = builtin::find("quay").unwrap().description().unwrap();
        assert_eq!(Changes::between(&old, &old), Changes::default());
        let mut new = old.clone();
        let option = new.options.remove(0).name.to_string();
        let mut method = new.auth_methods.remove(0);
        let gone = method.to_string();
        method.name = "other".parse().unwrap();
        let came = method.to_string();
        new.auth_methods.push(method);
        let changes = Changes::between(&old, &new);
        assert_eq!((changes.new_options, changes.lost_options), (vec![], vec![option]));
        assert_eq!((changes.new_auth_methods, changes.lost_auth_methods), (vec![came], vec![gone]));
        assert_eq!(changes.new_operations.len(), changes.lost_operations.len());
    }
}
