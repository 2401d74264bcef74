//! Which images of a source are pushed.

use crate::image::Tag;
use crate::patterns::Pattern;
use crate::shard::Shard;
use crate::source::Which;

/// Which images of a source are pushed.
#[derive(Debug, Clone)]
pub(crate) struct AllImages {
    /// Those of one repository, or of all.
    pub(crate) which: Which,
    /// Patterns of which one has to match; without any, all do.
    pub(crate) include: Vec<Pattern>,
    /// Patterns of which none may match.
    pub(crate) exclude: Vec<Pattern>,
    /// The part that is pushed here.
    pub(crate) shard: Option<Shard>,
}

impl AllImages {
    /// Whether an image is meant, whatever its part.
    pub(super) fn means(&self, repository: &str, tag: &Tag) -> bool {
        let is = |pattern: &Pattern| matches(pattern, repository, tag);
        (self.include.is_empty() || self.include.iter().any(is)) && !self.exclude.iter().any(is)
    }

    /// A name or tag without `*` and the like that is to be pushed, and is not among these.
    pub(super) fn missing<'a>(&'a self, names: &[(String, Tag)]) -> Option<&'a str> {
        let is_there = |pattern: &&Pattern| names.iter().any(|(repository, tag)| matches(pattern, repository, tag));
        let mut literals = self.include.iter().filter(|pattern| pattern.is_literal());
        literals.find(|pattern| !is_there(pattern)).map(Pattern::as_str)
    }

    /// Whether an image is in the part that is pushed here: by its tag, where one repository is meant, and otherwise by
    /// its repository, so that the layers that its tags share are sent once.
    pub(super) fn has(&self, repository: &str, tag: &Tag, is_one_repository: bool) -> bool {
        let key = if is_one_repository { tag.as_str() } else { repository };
        self.shard.is_none_or(|shard| shard.has(key))
    }
}

/// Whether a pattern matches an image: one with a `:` its name with its tag, one with a `/` alone its name, others its
/// tag.
fn matches(pattern: &Pattern, repository: &str, tag: &Tag) -> bool {
    match pattern.as_str() {
        text if text.contains(':') => pattern.matches(&format!("{repository}:{tag}")),
        text if text.contains('/') => pattern.matches(repository),
        _ => pattern.matches(tag.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_of_a_tag_a_repository_or_both() {
        let names = ["v1", "redis:*", "redis:v1", "ghcr.io/acme/*", "ghcr.io/*/train:v*", "localhost:5000/a"];
        let images = [("redis", "v1"), ("redis", "v2"), ("ghcr.io/acme/train", "v2"), ("localhost:5000/a", "v3")];
        let found = names.map(|text| {
            let pattern: Pattern = text.parse().unwrap();
            images.map(|(repository, tag)| matches(&pattern, repository, &tag.parse().unwrap()))
        });
        let expected = [
            [true, false, false, false],
            [true, true, false, false],
            [true, false, false, false],
            [false, false, true, false],
            [false, false, true, false],
            [false, false, false, false],
        ];
        assert_eq!(found, expected);
    }
}
