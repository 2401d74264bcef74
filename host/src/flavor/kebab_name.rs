//! Names that flavors choose and users type.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::{Escaped, Printable};

/// A name of a flavor, or of something that it describes: lower-case letters and digits, single `-` between them, at
/// most 63 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub(crate) struct KebabName(String);

/// The name that users type after `--flavor`.
pub(crate) type FlavorName = KebabName;

/// A text that is not a [`KebabName`].
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no name: expected lower-case letters and digits with single `-` between them, at most 63")]
pub(crate) struct KebabNameError(Escaped);

impl KebabName {
    /// The name as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KebabName {
    type Err = KebabNameError;

    fn from_str(text: &str) -> Result<Self, KebabNameError> {
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= 63 && text.split('-').all(word) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KebabNameError(Escaped::new(text, 80)))
        }
    }
}

impl TryFrom<String> for KebabName {
    type Error = KebabNameError;

    fn try_from(text: String) -> Result<Self, KebabNameError> {
        text.parse()
    }
}

impl From<KebabName> for String {
    fn from(name: KebabName) -> Self {
        name.0
    }
}

/// Lower-case letters, digits and `-`.
impl Printable for KebabName {}

impl fmt::Display for KebabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first name that occurs twice.
pub(super) fn first_repeated<T: Eq + Hash + Copy>(names: impl IntoIterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_words_with_single_dashes() {
        for good in ["aws", "secret-key", "v2", "2-a", &"a".repeat(63)] {
            assert_eq!(good.parse::<KebabName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(64);
        for bad in ["", "-", "a-", "-a", "a--b", "A", "a b", "a_b", "a/b", "../x", "d\u{435}fault", "a\n", &long] {
            assert!(bad.parse::<KebabName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_that_occurs_twice_is_found() {
        assert_eq!(first_repeated(["a", "b", "c"]), None);
        assert_eq!(first_repeated(["a", "b", "c", "b", "a"]), Some("b"));
    }
}
