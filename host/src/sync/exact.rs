//! Which tags a target has too many.

use std::collections::HashSet;

use crate::copy::filter::TagFilter;
use crate::image::{Tag, TagRole};

/// The tags of the target that the source no longer has. Those that the filter leaves out are no part of the mirror and
/// stay; those that are named after a digest belong to an image, and go when that is cleaned up.
pub(super) fn surplus(source: &[Tag], target: &[Tag], filter: &TagFilter) -> Vec<Tag> {
    let source: HashSet<&Tag> = source.iter().collect();
    let is_surplus = |tag: &&Tag| !source.contains(tag) && filter.matches(tag) && TagRole::of(tag) == TagRole::Name;
    target.iter().filter(is_surplus).cloned().collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::patterns::Patterns;

    fn tags(texts: &[&str]) -> Vec<Tag> {
        texts.iter().map(|tag| tag.parse().unwrap()).collect()
    }

    #[test]
    fn only_what_the_source_lost_and_the_filter_means_is_too_many() {
        let include = Patterns::of(["v*".parse().unwrap()]);
        let filter = TagFilter { include, newest: NonZeroUsize::new(1), ..TagFilter::default() };
        let digest = format!("sha256-{}", "ab".repeat(32));
        let target = tags(&["v1", "v2", "v3", "local", &digest]);
        // `v2` is not the newest, but the source has it.
        assert_eq!(surplus(&tags(&["v2", "v3"]), &target, &filter), tags(&["v1"]));
        assert_eq!(surplus(&tags(&["v3"]), &target, &TagFilter::default()), tags(&["v1", "v2", "local"]));
    }
}
