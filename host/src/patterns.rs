//! Patterns of names, as shells have them: of tags, of repositories.

use std::fmt;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use crate::text::{Escaped, Printable};

/// A pattern: `*` stands for anything but `/`, `**` for anything, `?` for one character, `[a-z]` for one of these,
/// `{a,b}` for one of those.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Pattern {
    text: String,
    /// `None` for a text without special characters.
    matcher: Option<GlobMatcher>,
}

/// Several patterns.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Patterns(Vec<Pattern>);

/// A text that is no pattern.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("`{text}` is no pattern: {reason}")]
pub(crate) struct PatternError {
    /// As it was typed.
    pub(crate) text: Escaped,
    /// What is wrong with it.
    pub(crate) reason: Escaped,
}

/// Longest pattern in characters: four of the longest names, for lists such as `{a,b}`.
const MAX: usize = 1_024;

impl Pattern {
    /// The pattern that matches one name alone.
    pub(crate) fn literal(name: &str) -> Self {
        Self { text: name.to_owned(), matcher: None }
    }

    /// A pattern whose `*` and `?` stand for `/` as well.
    ///
    /// # Errors
    /// If the text is no pattern.
    pub(crate) fn across(text: &str) -> Result<Self, PatternError> {
        Self::compile(text, false)
    }

    /// The pattern of a text; whether `*` and `?` stay within a path's component.
    fn compile(text: &str, is_path: bool) -> Result<Self, PatternError> {
        let no = |reason: &str| PatternError { text: Escaped::new(text, MAX), reason: reason.into() };
        if text.is_empty() || text.len() > MAX {
            return Err(no("expected 1 to 1024 characters"));
        }
        if !text.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self::literal(text));
        }
        let glob = GlobBuilder::new(text).literal_separator(is_path).backslash_escape(true).build();
        let glob = glob.map_err(|error| no(&error.kind().to_string()))?;
        Ok(Self { text: text.to_owned(), matcher: Some(glob.compile_matcher()) })
    }

    /// Whether it matches a whole name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.matcher.as_ref().map_or(self.text == name, |matcher| matcher.is_match(name))
    }

    /// Whether it is a name, and matches that alone.
    pub(crate) fn is_literal(&self) -> bool {
        self.matcher.is_none()
    }

    /// Its text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::compile(text, true)
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Patterns {
    /// These patterns.
    pub(crate) fn of(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        Self(patterns.into_iter().collect())
    }

    /// Patterns of these texts, whose `*` and `?` stand for `/` as well.
    ///
    /// # Errors
    /// At the first text that is no pattern.
    pub(crate) fn across(texts: &[String]) -> Result<Self, PatternError> {
        texts.iter().map(|text| Pattern::across(text)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them matches.
    pub(crate) fn match_any(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(name))
    }

    /// The names, if each of them is one.
    pub(crate) fn literals(&self) -> Option<impl Iterator<Item = &str>> {
        self.0.iter().all(Pattern::is_literal).then(|| self.each_literal())
    }

    /// Those of them that are names.
    pub(crate) fn each_literal(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|pattern| pattern.is_literal()).map(Pattern::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_path_component_and_two_do_not() {
        for (pattern, name, matches) in [
            ("team/*", "team/train", true),
            ("team/*", "team/ml/train", false),
            ("team/**", "team/ml/train", true),
            ("**", "a/b/c", true),
            ("*", "a/b", false),
            ("v[0-9]*", "v10", true),
            ("v[0-9]*", "vx", false),
            ("{a,b}-?", "b-1", true),
            ("team", "team/train", false),
            ("v1.0", "v1x0", false),
        ] {
            assert_eq!(pattern.parse::<Pattern>().unwrap().matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_across_components_has_a_star_for_slashes() {
        for (pattern, name, matches) in
            [("team/*", "team/ml/train", true), ("*n", "team/train", true), ("a?b", "a/b", true)]
        {
            assert_eq!(Pattern::across(pattern).unwrap().matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_a_reason() {
        for pattern in ["", "[a", "{a,b", &"a".repeat(1_025)] {
            let error = pattern.parse::<Pattern>().unwrap_err().to_string();
            assert!(error.contains("is no pattern"), "{error}");
        }
    }
}
