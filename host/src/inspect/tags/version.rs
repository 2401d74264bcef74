//! Tags that are versions.

use semver::{Version, VersionReq};

/// The version that a tag is, by <https://semver.org>: with or without a `v`, of one to three numbers, with the `_` of
/// Helm in the place of `+`, which no tag can have.
pub(crate) fn version(tag: &str) -> Option<Version> {
    let text = tag.strip_prefix('v').unwrap_or(tag).replacen('_', "+", 1);
    let (numbers, rest) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let missing = match numbers.split('.').count() {
        1 => ".0.0",
        2 => ".0",
        _ => "",
    };
    Version::parse(&format!("{numbers}{missing}{rest}")).ok()
}

/// Whether a tag is a version within a range. A pre-release such as `1.2.0-rc1` or `1.2.0-alpine` is in a range only
/// if that names one of the same numbers.
pub(crate) fn is_within(tag: &str, range: &VersionReq) -> bool {
    version(tag).is_some_and(|version| range.matches(&version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_versions_in_the_forms_that_people_use() {
        for (tag, expected) in [
            ("1.2.3", Some("1.2.3")),
            ("v1.2", Some("1.2.0")),
            ("3", Some("3.0.0")),
            ("1.2-rc.1", Some("1.2.0-rc.1")),
            ("1.2.3_build5", Some("1.2.3+build5")),
            ("latest", None),
            ("1.2.3.4", None),
            ("01.2.3", None),
            ("v", None),
        ] {
            assert_eq!(version(tag).map(|version| version.to_string()).as_deref(), expected, "{tag}");
        }
        let range = ">=1.2, <2".parse().unwrap();
        let within: Vec<_> = ["1.1", "1.2", "v1.9.1", "1.9.0-rc1", "2.0", "x"]
            .into_iter()
            .filter(|tag| is_within(tag, &range))
            .collect();
        assert_eq!(within, ["1.2", "v1.9.1"]);
    }
}
