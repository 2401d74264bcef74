//! Tags as versions ("Semantic Versioning 2.0.0"), with the habits of tags.

use std::str::FromStr;

use semver::{BuildMetadata, Prerelease, Version, VersionReq};
use serde::Deserialize;

use crate::text::{Escaped, Printable};

/// A range of versions, such as `>=1.20, <2`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Range(VersionReq);

/// A text that is no range.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("`{text}` is no range of versions: {reason}; expected e.g. `>=1.20, <2`, `^1.4` or `~1.20.3`")]
pub(crate) struct RangeError {
    text: Escaped,
    reason: Escaped,
}

impl Range {
    /// Whether a version is in it. A pre-release is only if the range names one of the same version.
    pub(crate) fn has(&self, version: &Version) -> bool {
        self.0.matches(version)
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let range = text.parse().map(Self);
        range.map_err(|error: semver::Error| RangeError { text: text.into(), reason: error.to_string().into() })
    }
}

impl TryFrom<String> for Range {
    type Error = RangeError;

    fn try_from(text: String) -> Result<Self, RangeError> {
        text.parse()
    }
}

/// The version that a tag is: one to three numbers, with or without a leading `v`, and what comes behind a `-`.
pub(super) fn version(tag: &str) -> Option<Version> {
    let tag = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let (numbers, pre) = tag.split_once('-').map_or((tag, None), |(numbers, pre)| (numbers, Some(pre)));
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let mut numbers = numbers.split('.').map(number);
    let (major, minor, patch) = (numbers.next()??, numbers.next(), numbers.next());
    let or_zero = |number: Option<Option<u64>>| number.unwrap_or(Some(0));
    let pre = match pre {
        None => Prerelease::EMPTY,
        Some(pre) => Prerelease::new(pre).ok().filter(|pre| !pre.is_empty())?,
    };
    let (minor, patch) = (or_zero(minor)?, or_zero(patch)?);
    numbers.next().is_none().then_some(Version { major, minor, patch, pre, build: BuildMetadata::EMPTY })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn tags_are_versions_with_one_to_three_numbers() {
        for (tag, text) in [
            ("1", Some("1.0.0")),
            ("v1.2", Some("1.2.0")),
            ("V1.2.3", Some("1.2.3")),
            ("1.2.3-rc.1", Some("1.2.3-rc.1")),
            ("2024.01.02", Some("2024.1.2")),
            ("20240102", Some("20240102.0.0")),
            ("3.18-alpine", Some("3.18.0-alpine")),
            ("1.2.3.4", None),
            ("latest", None),
            ("v", None),
            ("", None),
            ("1..2", None),
            ("1.2-", None),
            ("1.2_3", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(version(tag).map(|version| version.to_string()).as_deref(), text, "{tag}");
        }
    }
}
