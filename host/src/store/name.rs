//! Names that users give.

use std::fmt;
use std::str::FromStr;

use crate::text::{Escaped, Printable};

/// The name of a registry, connector or policy: a letter or digit, then letters, digits, `.`, `_` or `-`, at most 63.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Name(String);

/// The longest name, in bytes: that of a DNS label, which is more than a table can show well.
const MAX_LENGTH: usize = 63;
/// Characters of an invalid name that an error shows.
const MAX_SHOWN: usize = 80;

/// An invalid name.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no name: expected letters, digits, `.`, `_` or `-`, the first a letter or digit, at most 63")]
pub(crate) struct NameError(Escaped);

impl Name {
    /// The name in a record of a registry that is not registered, where no name is looked up or shown.
    #[must_use]
    pub(crate) fn unregistered() -> Self {
        Self("unregistered".to_owned())
    }

    /// The name as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = text.len() <= MAX_LENGTH
            && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if valid { Ok(Self(text.to_owned())) } else { Err(NameError(Escaped::new(text, MAX_SHOWN))) }
    }
}

/// Letters, digits, `.`, `_` and `-`.
impl Printable for Name {}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_can_stand_in_a_command() {
        let longest = "x".repeat(MAX_LENGTH);
        for good in ["prod", "0", "my.registry_2-eu", &longest] {
            assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
        }
        let too_long = "x".repeat(MAX_LENGTH + 1);
        for bad in ["", "-x", ".x", "a b", "a/b", "ä", "a\n", &too_long] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
