//! What the patterns of a rule can match: a rule for nothing is a slip, one for everybody a danger, and one that an
//! earlier rule makes needless will surprise whoever removes the other.

use super::error::RulesError;
use super::types::{OneOrMore, Rule, Rules};
use crate::patterns::Pattern;
use crate::store::Name;
use crate::text::Escaped;

/// Most rules that are compared with each other: the comparison is of each with each.
const MAX_COMPARED: usize = 1_000;

impl Rules {
    /// Rules that allow nothing which an earlier one does not allow, each with that one.
    pub(crate) fn needless(&self) -> Vec<(&Rule, &Rule)> {
        if self.rules.len() > MAX_COMPARED {
            return Vec::new();
        }
        let earlier = |(index, rule)| {
            let found = self.rules.iter().take(index).find(|earlier: &&Rule| earlier.covers(rule));
            found.map(|earlier| (rule, earlier))
        };
        self.rules.iter().enumerate().filter_map(earlier).collect()
    }
}

impl Rule {
    /// Refuses patterns that match nothing, and claims that all tokens fulfil.
    pub(super) fn check_patterns(&self) -> Result<(), RulesError> {
        if self.claims.values().all(|patterns| patterns.patterns().iter().any(is_open)) {
            return Err(RulesError::Everybody(self.name.clone()));
        }
        let of_claims =
            self.claims.values().flat_map(OneOrMore::patterns).map(|pattern| (pattern, against_stars(pattern)));
        let of_registries = self.registries.patterns().iter().map(|pattern| (pattern, against_registry(pattern)));
        let of_repositories = self.repositories.patterns().iter().map(|pattern| (pattern, against_repository(pattern)));
        let all = of_claims.chain(of_registries).chain(of_repositories);
        for (pattern, against) in all {
            if let Some(reason) = against {
                let pattern = Escaped::new(pattern.as_str(), 200);
                return Err(RulesError::MatchesNothing { rule: self.name.clone(), pattern, reason });
            }
        }
        for pointer in self.claims.keys().filter(|name| name.starts_with('/')) {
            // RFC 6901, section 3: `~` is the beginning of `~0` or `~1`.
            if pointer.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
                let pattern = Escaped::new(pointer, 200);
                let reason = "in a JSON pointer, `~0` stands for `~` and `~1` for `/`";
                return Err(RulesError::MatchesNothing { rule: self.name.clone(), pattern, reason });
            }
        }
        Ok(())
    }

    /// Whether it allows all that another one allows, as far as that is plain.
    fn covers(&self, other: &Self) -> bool {
        let claims = |(name, patterns): (&String, &OneOrMore)| {
            other.claims.get(name).is_some_and(|of_other| covers(patterns, of_other))
        };
        self.issuer == other.issuer
            && self.allow.is_superset(&other.allow)
            && (self.long_lived || !other.long_lived)
            && covers(&self.registries, &other.registries)
            && covers(&self.repositories, &other.repositories)
            && self.claims.iter().all(claims)
    }
}

fn covers(patterns: &OneOrMore, others: &OneOrMore) -> bool {
    let covered = |other: &Pattern| {
        let by = |one: &Pattern| {
            one.as_str() == "**" || one.as_str() == other.as_str() || other.is_literal() && one.matches(other.as_str())
        };
        patterns.patterns().iter().any(by)
    };
    others.patterns().iter().all(covered)
}

/// Whether any value matches.
fn is_open(pattern: &Pattern) -> bool {
    pattern.as_str().bytes().all(|byte| byte == b'*' || byte == b'/') && pattern.as_str().contains('*')
}

/// Whether a text has more than stars for special characters, so that its parts are not told by its slashes.
fn is_involved(pattern: &Pattern) -> bool {
    pattern.as_str().contains(['{', '[', '\\'])
}

fn against_stars(pattern: &Pattern) -> Option<&'static str> {
    let is_part = |part: &str| !part.contains("**") || part == "**";
    let is_plain = is_involved(pattern) || pattern.as_str().split('/').all(is_part);
    (!is_plain).then_some("`**` stands for whole parts between slashes, such as `acme/**`; `*` for a piece of one")
}

fn against_registry(pattern: &Pattern) -> Option<&'static str> {
    let is_name = !pattern.is_literal() || pattern.as_str().parse::<Name>().is_ok();
    let is_possible = is_name && (is_involved(pattern) || pattern.as_str() == "**" || !pattern.as_str().contains('/'));
    (!is_possible).then_some("expected the name of a registry, such as `prod`, which has no slash")
}

fn against_repository(pattern: &Pattern) -> Option<&'static str> {
    let text = pattern.as_str();
    let is_path = is_involved(pattern) || text.split('/').all(|part| !part.is_empty());
    if !is_path {
        return Some("names of repositories are parts between single slashes, without one before or behind");
    }
    if !is_involved(pattern) && text.contains(|letter: char| letter.is_uppercase()) {
        return Some("names of repositories have small letters");
    }
    against_stars(pattern)
}
