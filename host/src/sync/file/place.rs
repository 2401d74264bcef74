//! One side of a mirror: a registry, or a part of one.

use std::fmt;

use serde::Deserialize;

/// A registry by the name that it was registered under or by its URI, with a path below it or without: `prod`,
/// `prod/mirror`, `docker.io/library`, `registry.example.com:5000`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String"))]
#[serde(try_from = "String")]
pub(crate) struct Place(String);

impl Place {
    /// A repository below it, as a user would type it.
    pub(crate) fn repository(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }

    /// As it was typed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let place = text.trim_end_matches('/');
        let expected = "expected a registry's name or URI, with a path or without, such as `prod/mirror` or \
                        `docker.io/library`";
        if place.is_empty() || place.contains("://") || place.contains(['@', ' ', '*']) {
            return Err(format!("`{text}` is no registry: {expected}"));
        }
        Ok(Self(place.to_owned()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
