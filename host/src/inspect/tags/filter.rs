//! Which names of a list are wanted, and in which order.

use std::cmp::Ordering;

use semver::{Version, VersionReq};

use super::natural::natural;
use super::version::{is_within, version};
use crate::patterns::{PatternError, Patterns};

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// As the registry gives it.
    #[default]
    Registry,
    /// By name, with numbers as numbers.
    Natural,
    /// Versions by their precedence, behind everything that is none.
    Semver,
}

/// The names that are wanted: those that a pattern of `include` matches, or all without one, but for those that one of
/// `exclude` matches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    include: Patterns,
    exclude: Patterns,
    /// Only versions within this range.
    range: Option<VersionReq>,
}

impl Filter {
    /// The filter of these patterns: `*` and `?` stand for any characters, also for `/`, `[ab]` for one of some and
    /// `{a,b}` for one of several texts.
    ///
    /// # Errors
    /// If one of them is no pattern.
    pub(crate) fn new(include: &[String], exclude: &[String], range: Option<VersionReq>) -> Result<Self, PatternError> {
        Ok(Self { include: Patterns::across(include)?, exclude: Patterns::across(exclude)?, range })
    }

    /// Whether a name is wanted.
    #[must_use]
    pub(crate) fn admits(&self, name: &str) -> bool {
        (self.include.is_empty() || self.include.match_any(name))
            && !self.exclude.match_any(name)
            && self.range.as_ref().is_none_or(|range| is_within(name, range))
    }
}

/// Puts things into the order of their names.
pub(crate) fn sort<T>(things: &mut [T], name: impl Fn(&T) -> &str, order: Order) {
    match order {
        Order::Registry => {}
        Order::Natural => things.sort_by(|one, other| natural(name(one), name(other))),
        Order::Semver => {
            things.sort_by_cached_key(|thing| Key { version: version(name(thing)), name: name(thing).to_owned() })
        }
    }
}

/// A name in the order of versions: what is none first, the same version by its name.
#[derive(PartialEq, Eq)]
struct Key {
    version: Option<Version>,
    name: String,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.version.cmp(&other.version).then_with(|| natural(&self.name, &other.name))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str], range: Option<&str>) -> Filter {
        let owned = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect::<Vec<_>>();
        Filter::new(&owned(include), &owned(exclude), range.map(|range| range.parse().unwrap())).unwrap()
    }

    #[test]
    fn names_are_wanted_by_patterns_and_ranges() {
        let names = ["latest", "v1.0", "v1.1-rc1", "v2.0", "sha256-ab.sig", "team/train"];
        let admitted = |filter: &Filter| names.into_iter().filter(|name| filter.admits(name)).collect::<Vec<_>>();
        assert_eq!(admitted(&Filter::default()), names);
        assert_eq!(admitted(&filter(&["v*"], &["*-rc*"], None)), ["v1.0", "v2.0"]);
        assert_eq!(admitted(&filter(&[], &["sha256-*", "t*n"], None)), ["latest", "v1.0", "v1.1-rc1", "v2.0"]);
        assert_eq!(admitted(&filter(&["{latest,v2.?}"], &[], None)), ["latest", "v2.0"]);
        assert_eq!(admitted(&filter(&[], &[], Some("^1"))), ["v1.0"]);
        assert!(admitted(&filter(&["nothing"], &[], None)).is_empty());
    }

    #[test]
    fn a_text_that_is_no_pattern_is_refused_with_its_place() {
        let error = Filter::new(&["[a".to_owned()], &[], None).unwrap_err();
        assert!(error.to_string().starts_with("`[a` is no pattern: "), "{error}");
    }

    #[test]
    fn versions_are_sorted_by_their_precedence_behind_other_names() {
        let sorted = ["latest", "v1.9", "1.10.0-rc1", "1.10.0", "v2"];
        let mut names: Vec<String> = sorted.iter().rev().map(|name| (*name).to_owned()).collect();
        sort(&mut names, String::as_str, Order::Semver);
        assert_eq!(names, sorted);
        sort(&mut names, String::as_str, Order::Natural);
        assert_eq!(names, ["1.10.0", "1.10.0-rc1", "latest", "v1.9", "v2"]);
    }
}
