//! The user's rules: which images of a repository may go.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Explain;
use crate::image::Tag;
use crate::patterns::{Pattern, PatternError, Patterns};
use crate::text::Escaped;

/// Which images may go. Without a rule, nothing goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rules {
    /// The newest images of each repository that stay, of those with a tag that the filters let through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<u32>,
    /// Seconds: younger images stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) older_than: Option<u64>,
    /// Whether manifests that no tag reaches go, too.
    #[serde(default)]
    pub(crate) untagged: bool,
    /// Only images all of whose tags match one of these patterns go; if there are none, all may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) include: Vec<String>,
    /// Images with a tag that matches one of these patterns stay, and are not counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exclude: Vec<String>,
    /// Images with a tag that matches one of these patterns stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keep_tags: Vec<String>,
}

/// A pattern of tags that can't be read, or rules that say nothing.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum RulesError {
    /// No pattern.
    #[error("`{pattern}` is no pattern of tags: {reason}")]
    #[explain(
        hint = "`*` stands for any characters, `?` for one, `{{a,b}}` for either: `pr-*`, `v1.?`, `{{dev,test}}-*`"
    )]
    Pattern {
        /// As it was typed.
        pattern: Escaped,
        /// What is wrong with it.
        reason: Escaped,
    },
    /// Nothing says what goes.
    #[error("nothing says which images may go")]
    #[explain(
        hint = "name a rule: `--keep 10` keeps the newest 10, `--older-than 30d` what is younger, `--untagged` lets go \
                what no tag reaches"
    )]
    None,
}

/// The rules with their patterns compiled.
pub(super) struct Filter {
    include: Patterns,
    exclude: Patterns,
    keep_tags: Patterns,
}

/// Why an image stays that the rules could have let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// `--include`
    NotIncluded,
    /// `--exclude`
    Excluded,
    /// `--keep-tag`
    KeepTag,
}

impl Rules {
    /// Whether images with tags may go, and not only those without.
    pub(super) fn reach_tagged(&self) -> bool {
        self.keep.is_some() || self.older_than.is_some()
    }

    /// Whether the time of an image decides anything.
    pub(crate) fn need_times(&self) -> bool {
        self.older_than.is_some() || self.keep.is_some_and(|keep| keep > 0)
    }

    /// Patterns that match none of these tags, as options.
    pub(super) fn unmatched(&self, tags: &[&str]) -> Vec<String> {
        let options = [("--include", &self.include), ("--exclude", &self.exclude), ("--keep-tag", &self.keep_tags)];
        let all = options.into_iter().flat_map(|(option, patterns)| patterns.iter().map(move |it| (option, it)));
        let is_unmatched =
            |pattern: &str| Pattern::across(pattern).is_ok_and(|pattern| !tags.iter().any(|tag| pattern.matches(tag)));
        let unmatched = all.filter(|(_, pattern)| is_unmatched(pattern));
        unmatched.map(|(option, pattern)| format!("`{option} {}`", Escaped::new(pattern, 100))).collect()
    }

    /// Compiles the patterns.
    ///
    /// # Errors
    /// When one can't be read, or there is no rule.
    pub(super) fn filter(&self) -> Result<Filter, RulesError> {
        if !self.reach_tagged() && !self.untagged {
            return Err(RulesError::None);
        }
        Ok(Filter {
            include: patterns(&self.include)?,
            exclude: patterns(&self.exclude)?,
            keep_tags: patterns(&self.keep_tags)?,
        })
    }

    /// Checks that they can be read.
    ///
    /// # Errors
    /// As for the patterns and the rules themselves.
    pub(crate) fn check(&self) -> Result<(), RulesError> {
        self.filter().map(drop)
    }
}

fn patterns(texts: &[String]) -> Result<Patterns, RulesError> {
    Patterns::across(texts).map_err(|PatternError { text, reason }| RulesError::Pattern { pattern: text, reason })
}

impl Filter {
    /// Why an image with these tags stays in any case. A tag that the user did not mean keeps its image.
    pub(super) fn keeps(&self, tags: &[&Tag]) -> Option<Kept> {
        let any = |patterns: &Patterns| tags.iter().any(|tag| patterns.match_any(tag.as_str()));
        match () {
            () if any(&self.exclude) => Some(Kept::Excluded),
            () if any(&self.keep_tags) => Some(Kept::KeepTag),
            () if !self.include.is_empty() && !tags.iter().all(|tag| self.include.match_any(tag.as_str())) => {
                Some(Kept::NotIncluded)
            }
            () => None,
        }
    }
}

/// The rules as they would be typed.
impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        words.extend(self.keep.map(|keep| format!("--keep {keep}")));
        words.extend(self.older_than.map(|seconds| format!("--older-than {}", span(seconds))));
        words.extend(self.untagged.then(|| "--untagged".to_owned()));
        for (option, patterns) in
            [("--include", &self.include), ("--exclude", &self.exclude), ("--keep-tag", &self.keep_tags)]
        {
            words.extend(patterns.iter().map(|pattern| format!("{option} '{}'", Escaped::new(pattern, 100))));
        }
        f.write_str(&words.join(" "))
    }
}

/// A length of time as users write it: `30d`, `36h`.
pub(super) fn span(seconds: u64) -> String {
    match (seconds % 86_400, seconds % 3_600) {
        (0, _) => format!("{}d", seconds / 86_400),
        (_, 0) => format!("{}h", seconds / 3_600),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(rules: &Rules, tags: &[&str]) -> Option<Kept> {
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        rules.filter().unwrap().keeps(&tags.iter().collect::<Vec<_>>())
    }

    #[test]
    fn one_tag_that_is_not_meant_keeps_the_image() {
        let rules = Rules { keep: Some(0), include: vec!["pr-*".to_owned()], ..Rules::default() };
        assert_eq!(kept(&rules, &["pr-1", "pr-2"]), None);
        assert_eq!(kept(&rules, &["pr-1", "v1"]), Some(Kept::NotIncluded));
        let rules = Rules { keep: Some(0), exclude: vec!["v*".to_owned()], ..Rules::default() };
        assert_eq!(kept(&rules, &["pr-1", "v1"]), Some(Kept::Excluded));
        let rules = Rules { keep: Some(0), keep_tags: vec!["{latest,stable}".to_owned()], ..Rules::default() };
        assert_eq!(kept(&rules, &["pr-1", "stable"]), Some(Kept::KeepTag));
        assert_eq!(kept(&rules, &["pr-1"]), None);
    }

    #[test]
    fn rules_that_say_nothing_and_patterns_that_are_none_are_refused() {
        assert!(matches!(Rules::default().check(), Err(RulesError::None)));
        let only_filters = Rules { include: vec!["*".to_owned()], ..Rules::default() };
        assert!(matches!(only_filters.check(), Err(RulesError::None)));
        let broken = Rules { untagged: true, exclude: vec!["[a".to_owned()], ..Rules::default() };
        assert!(broken.check().unwrap_err().to_string().starts_with("`[a` is no pattern of tags: "));
    }

    #[test]
    fn rules_are_shown_as_they_are_typed() {
        let rules = Rules {
            keep: Some(3),
            older_than: Some(30 * 86_400),
            untagged: true,
            exclude: vec!["v*".to_owned()],
            ..Rules::default()
        };
        assert_eq!(rules.to_string(), "--keep 3 --older-than 30d --untagged --exclude 'v*'");
        assert_eq!((span(3_600), span(90)), ("1h".to_owned(), "90s".to_owned()));
    }
}
