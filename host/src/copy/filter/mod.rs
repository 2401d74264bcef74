//! Which tags of a repository are meant: by patterns, a regular expression, a range of versions, the newest ones.

mod expression;
mod version;

use std::cmp::Reverse;
use std::num::NonZeroUsize;

use serde::Deserialize;

pub(crate) use expression::Expression;
pub(crate) use version::Range;
use version::version;

use crate::image::Tag;
use crate::patterns::{Pattern, Patterns};
use crate::shard::Shard;

/// What has to hold for a tag. Without any condition, all tags are meant.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TagFilter {
    /// Patterns of which one has to match; without any, all do. One without `*`, `?`, `[` and `{` is a tag that has to
    /// be there.
    #[serde(default)]
    pub(crate) include: Patterns,
    /// Patterns of which none may match.
    #[serde(default)]
    pub(crate) exclude: Patterns,
    /// A regular expression that has to match the whole tag.
    #[serde(default)]
    pub(crate) regex: Option<Expression>,
    /// A range of versions, such as `>=1.20, <2`; a leading `v` of the tag does not count, and `1.20` is `1.20.0`. Tags
    /// that are no versions are not in it, and pre-releases only if it names one of the same version.
    #[serde(default)]
    pub(crate) semver: Option<Range>,
    /// Of the tags that all this leaves, so many of the highest versions; those that are no versions are left out.
    #[serde(default)]
    pub(crate) newest: Option<NonZeroUsize>,
    /// The part of what is meant that is copied here; all of it without one.
    #[serde(skip)]
    pub(crate) shard: Option<Shard>,
}

impl TagFilter {
    /// The filter that means one tag.
    pub(crate) fn only(tag: &Tag) -> Self {
        Self { include: Patterns::of([Pattern::literal(tag.as_str())]), ..Self::default() }
    }

    /// The tags that are meant if no list is needed to know them: a filter of whole tags alone.
    pub(crate) fn literals(&self) -> Option<Vec<Tag>> {
        let is_plain = self.regex.is_none() && self.semver.is_none() && self.newest.is_none();
        let tags = self.include.literals()?.map(|tag| tag.parse().ok());
        let tags: Vec<Tag> = tags.collect::<Option<_>>()?;
        (is_plain && !tags.is_empty()).then(|| tags.into_iter().filter(|tag| self.matches(tag)).collect())
    }

    /// Whole tags that have to be there, and that a list does not have.
    pub(crate) fn missing<'a>(&'a self, tags: &[Tag]) -> impl Iterator<Item = &'a str> {
        let all: Vec<String> = tags.iter().map(ToString::to_string).collect();
        self.include.each_literal().filter(move |literal| !all.iter().any(|tag| tag == literal))
    }

    /// Whether a tag is meant, but for `newest`.
    pub(crate) fn matches(&self, tag: &Tag) -> bool {
        let text = tag.as_str();
        (self.include.is_empty() || self.include.match_any(text))
            && !self.exclude.match_any(text)
            && self.regex.as_ref().is_none_or(|regex| regex.matches(text))
            && self.semver.as_ref().is_none_or(|range| version(text).is_some_and(|version| range.has(&version)))
    }

    /// Whether a tag that is meant is in the part that is copied here.
    pub(crate) fn is_own(&self, tag: &Tag) -> bool {
        self.shard.is_none_or(|shard| shard.has(tag.as_str()))
    }

    /// The tags of a list that are meant, in the list's order; with `newest`, the highest version first.
    pub(crate) fn select(&self, tags: &[Tag]) -> Vec<Tag> {
        let matching = tags.iter().filter(|tag| self.matches(tag));
        let Some(newest) = self.newest else { return matching.cloned().collect() };
        let mut versions: Vec<_> = matching.filter_map(|tag| Some((version(tag.as_str())?, tag))).collect();
        // Of two names of one version, such as `v1` and `1.0.0`, both count.
        versions.sort_by(|(one, first), (other, second)| (Reverse(one), first).cmp(&(Reverse(other), second)));
        versions.into_iter().take(newest.get()).map(|(_, tag)| tag.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: [&str; 11] = [
        "latest",
        "v1.2.0",
        "v1.10.0",
        "1.20",
        "v1.3.0-rc.1",
        "2",
        "v2.0.1",
        "edge-1",
        "3.18-alpine",
        "1.2.3.4",
        "01.02",
    ];

    fn tags() -> Vec<Tag> {
        TAGS.iter().map(|tag| tag.parse().unwrap()).collect()
    }

    fn selected(filter: &TagFilter) -> Vec<String> {
        filter.select(&tags()).iter().map(ToString::to_string).collect()
    }

    fn patterns(texts: &[&str]) -> Patterns {
        Patterns::of(texts.iter().map(|text| text.parse().unwrap()))
    }

    #[test]
    fn without_conditions_all_tags_are_meant() {
        assert_eq!(selected(&TagFilter::default()), TAGS);
    }

    #[test]
    fn patterns_include_and_exclude_whole_tags() {
        let filter =
            TagFilter { include: patterns(&["v1.*", "latest"]), exclude: patterns(&["*-rc*"]), ..TagFilter::default() };
        assert_eq!(selected(&filter), ["latest", "v1.2.0", "v1.10.0"]);
        let part = TagFilter { include: patterns(&["v1"]), ..TagFilter::default() };
        assert_eq!(selected(&part), Vec::<String>::new());
    }

    #[test]
    fn a_regular_expression_matches_the_whole_tag() {
        let regex = |text: &str| TagFilter { regex: Some(text.parse().unwrap()), ..TagFilter::default() };
        assert_eq!(selected(&regex(r"v1|\d")), ["2"]);
        assert_eq!(selected(&regex(r"v\d+\.\d+\.\d+")), ["v1.2.0", "v1.10.0", "v2.0.1"]);
    }

    #[test]
    fn ranges_know_a_leading_v_and_short_versions_and_leave_pre_releases_out() {
        let range = |text: &str| TagFilter { semver: Some(text.parse().unwrap()), ..TagFilter::default() };
        assert_eq!(selected(&range(">=1.2, <2")), ["v1.2.0", "v1.10.0", "1.20", "01.02"]);
        assert_eq!(selected(&range("^2")), ["2", "v2.0.1"]);
        assert_eq!(selected(&range(">=1.3.0-rc.0, <1.4")), ["v1.3.0-rc.1"]);
        assert_eq!(selected(&range("3.18")), Vec::<String>::new());
    }

    #[test]
    fn the_newest_are_the_highest_versions() {
        let newest = |newest, exclude: &[&str]| {
            selected(&TagFilter {
                newest: NonZeroUsize::new(newest),
                exclude: patterns(exclude),
                ..TagFilter::default()
            })
        };
        assert_eq!(newest(3, &[]), ["3.18-alpine", "v2.0.1", "2"]);
        assert_eq!(newest(2, &["*-*", "v2*"]), ["2", "1.20"]);
        assert_eq!(newest(100, &[]).len(), 8);
    }

    #[test]
    fn a_filter_of_whole_tags_needs_no_list() {
        let of =
            |filter: &TagFilter| filter.literals().map(|tags| tags.iter().map(ToString::to_string).collect::<Vec<_>>());
        let whole = TagFilter { include: patterns(&["v1.2.0", "gone"]), ..TagFilter::default() };
        assert_eq!(of(&whole).unwrap(), ["v1.2.0", "gone"]);
        assert_eq!(whole.missing(&tags()).collect::<Vec<_>>(), ["gone"]);
        assert_eq!(of(&TagFilter::default()), None);
        assert_eq!(of(&TagFilter { include: patterns(&["v1*", "latest"]), ..TagFilter::default() }), None);
        assert_eq!(of(&TagFilter { newest: NonZeroUsize::new(1), ..whole }), None);
    }
}
