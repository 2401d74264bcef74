//! Patterns of paths.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::text::Printable;

/// A pattern of paths: `/`, and components between slashes.
///
/// A `*` in a component stands for one or more characters of it. `**` as the last component stands for any number of
/// components, none included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PathPattern(String);

/// A text that is no pattern of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Printable)]
#[error("no pattern of paths")]
pub(crate) struct PathPatternError;

/// Bytes of a pattern: it is shown in one line.
const BYTES: usize = 200;

/// The last component of a pattern for any rest.
const REST: &str = "**";

impl PathPattern {
    /// Whether it stands for any rest of a path.
    #[must_use]
    pub(crate) fn is_open(&self) -> bool {
        self.components().next_back() == Some(REST)
    }

    /// Whether a path of it may be one that an image is uploaded to: `/v2/<name>/blobs/uploads/…` or
    /// `/v2/<name>/manifests/<reference>` (OCI distribution 1.1, "Pushing blobs", "Pushing manifests").
    ///
    /// Where an operation `only_posts`, no path takes a manifest: that is a `PUT`. APIs beside a registry create with
    /// `POST` below `/v2`.
    #[must_use]
    pub(crate) fn may_be_upload(&self, only_posts: bool) -> bool {
        let components: Vec<&str> = self.components().collect();
        let may_be = |at: usize, word: &str| {
            components.get(at).is_some_and(|component| *component == REST || matches_component(component, word))
        };
        let any_rest = self.is_open();
        match components.as_slice() {
            [REST] => return true,
            _ if !may_be(0, "v2") => return false,
            [_, REST] => return true,
            _ => {}
        }
        (1..components.len()).any(|at| {
            let left = components.len() - at;
            (may_be(at, "blobs") && (may_be(at + 1, "uploads") || any_rest))
                || (may_be(at, "manifests") && !only_posts && (left == 2 || any_rest))
        })
    }

    /// Whether `path`, as it stands in a request line, without its query, is among the paths.
    #[must_use]
    pub(crate) fn matches(&self, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let (mut patterns, mut components) = (self.components(), path.split('/'));
        loop {
            match (patterns.next(), components.next()) {
                (None, None) => return true,
                (Some(REST), first) => return first.into_iter().chain(components).all(is_plain),
                (Some(pattern), Some(component)) if matches_component(pattern, component) => {}
                _ => return false,
            }
        }
    }

    fn components(&self) -> std::str::Split<'_, char> {
        self.0.get(1..).unwrap_or_default().split('/')
    }
}

/// Whether a component is as its pattern says. The part that a `*` stands for must be one that no server reads as
/// another path.
fn matches_component(pattern: &str, component: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == component,
        Some((before, after)) => component
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|middle| !middle.is_empty() && is_plain(middle)),
    }
}

/// Whether a part of a path can be read in one way only: decoded, it holds no component `.` or `..`, no backslash, no
/// control character, and nothing that is encoded once more but a slash: some services want that of a name in a path
/// ("encode it twice over", Harbor's API), and a server that decodes it at once finds what is refused here.
fn is_plain(part: &str) -> bool {
    let Ok(decoded) = percent_decode_str(part).decode_utf8() else { return false };
    let decoded = decoded.replace("%2F", "/").replace("%2f", "/");
    !decoded.contains(['\\', '%', ';', '?', '#'])
        && !decoded.chars().any(char::is_control)
        && !decoded.split('/').any(|component| matches!(component, "." | ".."))
}

/// Whether a request's path, however it is encoded, is one that an image is uploaded to.
#[must_use]
pub(crate) fn is_upload(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy().replace("%2F", "/").replace("%2f", "/");
    decoded.trim_start_matches('/').starts_with("v2/")
        && (decoded.contains("/blobs/uploads") || decoded.contains("/manifests/"))
}

impl FromStr for PathPattern {
    type Err = PathPatternError;

    fn from_str(text: &str) -> Result<Self, PathPatternError> {
        let pattern = Self(text.to_owned());
        let count = pattern.components().count();
        let is_valid = |(at, component): (usize, &str)| match component {
            REST => at + 1 == count,
            "." | ".." => false,
            component => component.matches('*').count() <= 1,
        };
        let is_shown_as_it_is = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/*-._~:@$%+,=".contains(&b));
        let valid = text.starts_with('/')
            && text.len() <= BYTES
            && is_shown_as_it_is
            && pattern.components().enumerate().all(is_valid);
        if valid { Ok(pattern) } else { Err(PathPatternError) }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for PathPattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for PathPattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for PathPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A pattern of paths, such as `/v1/projects/*`." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_star_stands_for_characters_of_one_component_and_two_for_any_rest() {
        for (text, path) in [
            ("/", "/"),
            ("/v1/projects/*", "/v1/projects/acme"),
            ("/v1/projects/*", "/v1/projects/group%2Fproject"),
            ("/v1/*:sign", "/v1/me:sign"),
            ("/v1/**", "/v1/"),
            ("/v1/**", "/v1/a/b"),
            ("/v1/**", "/v1"),
            ("/**", "/"),
        ] {
            assert!(pattern(text).matches(path), "{text} {path}");
        }
        for (text, path) in [
            ("/", ""),
            ("/", "//"),
            ("/v1", "/v1/"),
            ("/v1", "/V1"),
            ("/v1", "/%76%31"),
            ("/v1/projects/*", "/v1/projects/"),
            ("/v1/projects/*", "/v1/projects/a/b"),
            ("/v1/*:sign", "/v1/:sign"),
            ("/v1/**", "/v2"),
        ] {
            assert!(!pattern(text).matches(path), "{text} {path}");
        }
    }

    #[test]
    fn no_star_stands_for_what_a_server_could_read_as_another_path() {
        for rest in [
            "..",
            ".",
            "%2e%2e",
            "..%2fx",
            "x%2f..%2fy",
            "..%252fx",
            "x%252F..%252fy",
            "%252e%252e",
            "a%25252fb",
            "a%5cb",
            "a%255cb",
            "%00",
            "%0d%0a",
            "%ff",
            "a%3bb",
            "a%3fb",
        ] {
            assert!(!pattern("/v1/*").matches(&format!("/v1/{rest}")), "{rest}");
            assert!(!pattern("/v1/**").matches(&format!("/v1/a/{rest}")), "{rest}");
        }
        assert!(pattern("/v1/*/tags").matches("/v1/team%252Ftrain/tags"));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in
            ["", "v1", "https://h/x", "/a?b", "/a#b", "/a b", "/../a", "/./a", "/a/**/b", "/a**", "/*a*", "/a\\b", "/ä"]
        {
            assert!(text.parse::<PathPattern>().is_err(), "{text}");
        }
        assert!(format!("/{}", "a".repeat(BYTES)).parse::<PathPattern>().is_err());
    }

    #[test]
    fn paths_of_uploads_are_known_whatever_stands_for_them() {
        for text in [
            "/v2/*/blobs/uploads/",
            "/v2/acme/train/blobs/uploads/*",
            "/v2/*/*/uploads/",
            "/v2/*/manifests/*",
            "/v2/a/*/*",
            "/v2/**",
            "/**",
            "/*/a/manifests/v1",
        ] {
            assert!(pattern(text).may_be_upload(false), "{text}");
        }
        for (text, expected) in [
            ("/v2/namespaces/*/repositories", false),
            ("/v2/*/manifests/*", false),
            ("/v2/*/blobs/uploads/", true),
            ("/v2/*/*/uploads/", true),
            ("/v2/**", true),
            ("/**", true),
        ] {
            assert_eq!(pattern(text).may_be_upload(true), expected, "{text}");
        }
        for text in
            ["/v2/auth/token", "/v2/", "/v2/token", "/v1/a/manifests/b", "/v2/x/tags/list", "/v2/namespaces/a/b"]
        {
            assert!(!pattern(text).may_be_upload(false), "{text}");
        }
    }
}
