//! Differences of settings: names with values.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::inspect::description::Description;
use crate::inspect::settings::Settings;

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Value {
    /// Its name.
    pub(crate) name: String,
    /// The first image's value; absent where it has none.
    pub(crate) from: Option<String>,
    /// The second image's value; absent where it has none.
    pub(crate) to: Option<String>,
}

/// The values that differ, in the order of their names.
pub(super) fn compare(from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) -> Vec<Value> {
    let names = from.keys().chain(to.keys().filter(|name| !from.contains_key(*name)));
    let mut differing: Vec<Value> = names
        .filter(|name| from.get(*name) != to.get(*name))
        .map(|name| Value { name: name.clone(), from: from.get(name).cloned(), to: to.get(name).cloned() })
        .collect();
    differing.sort_by(|one, other| one.name.cmp(&other.name));
    differing
}

/// Environment variables by name.
pub(super) fn env(settings: &Settings) -> BTreeMap<String, String> {
    let split = |variable: &String| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        (name.to_owned(), value.to_owned())
    };
    settings.run.env.iter().map(split).collect()
}

/// The settings that have one value, and the image's platform.
pub(super) fn settings(description: &Description) -> BTreeMap<String, String> {
    let image = description.image.as_ref();
    let Settings { created, author, os_version, run } =
        image.and_then(|image| image.settings.clone()).unwrap_or_default();
    let words = |words: &[String]| (!words.is_empty()).then(|| words_of(words));
    let list = |words: &[String]| (!words.is_empty()).then(|| words.join(", "));
    let values = [
        ("platform", image.and_then(|image| image.platform.clone())),
        ("artifactType", description.artifact_type.clone()),
        ("created", created),
        ("author", author),
        ("osVersion", os_version),
        ("user", run.user),
        ("entrypoint", words(&run.entrypoint)),
        ("cmd", words(&run.cmd)),
        ("workingDir", run.working_dir),
        ("exposedPorts", list(&run.exposed_ports)),
        ("volumes", list(&run.volumes)),
        ("stopSignal", run.stop_signal),
    ];
    values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The words of a command as JSON, in which each is told from the next.
fn words_of(words: &[String]) -> String {
    // Strings, which JSON can always represent.
    serde_json::to_string(words).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_are_told_from_both_sides() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let found = compare(&map(&[("a", "1"), ("b", "2"), ("z", "0")]), &map(&[("b", "3"), ("c", "4"), ("z", "0")]));
        let value = |name: &str, from: Option<&str>, to: Option<&str>| Value {
            name: name.to_owned(),
            from: from.map(ToOwned::to_owned),
            to: to.map(ToOwned::to_owned),
        };
        let expected = [value("a", Some("1"), None), value("b", Some("2"), Some("3")), value("c", None, Some("4"))];
        assert_eq!(found, expected);
    }
}
