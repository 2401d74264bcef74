//! Platforms, `os/architecture[/variant]`.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{Escaped, Printable};

/// The system that an image runs on, in the terms of the OCI image index specification (Go's `GOOS` and `GOARCH`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Platform {
    /// The operating system, such as `linux`.
    #[serde(deserialize_with = "word")]
    pub(super) os: String,
    /// The processor architecture, such as `amd64`.
    #[serde(deserialize_with = "word")]
    pub(super) architecture: String,
    /// A variant of the architecture, such as `v8`.
    #[serde(default, deserialize_with = "optional_word", skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
}

/// The oldest variant of 32-bit ARM that images are built for.
const OLDEST_ARM: u8 = 5;
/// The version of 32-bit ARM in Rust's targets that name none, such as `arm-unknown-linux-gnueabihf`.
const UNNAMED_ARM: u8 = 6;

/// Longest word of a platform in bytes: several times the longest name of an architecture.
const MAX_WORD: usize = 64;
/// Longest text in an error, in characters: several times the longest platform.
const MAX_SHOWN: usize = 100;

/// A text that is not a platform.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no platform: expected `os/architecture[/variant]`, such as `linux/amd64`")]
pub(crate) struct PlatformError(Escaped);

impl Platform {
    /// The platform of containers on this machine. Images are for Linux on every system of the client.
    #[must_use]
    pub(crate) fn of_this_machine() -> Self {
        Self::of_target(std::env::consts::ARCH, cfg!(target_endian = "little"), env!("CRHOST_TARGET"))
    }

    /// The platform of a Rust target, by its architecture, endianness and triple.
    fn of_target(architecture: &str, little_endian: bool, triple: &str) -> Self {
        let (architecture, variant) = match (architecture, little_endian) {
            ("x86_64", _) => ("amd64", None),
            ("x86", _) => ("386", None),
            ("aarch64", true) => ("arm64", Some("v8".to_owned())),
            ("arm", true) => ("arm", Some(format!("v{}", arm_version(triple)))),
            ("powerpc64", true) => ("ppc64le", None),
            ("powerpc64", false) => ("ppc64", None),
            ("loongarch64", _) => ("loong64", None),
            (other, _) => (other, None),
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant }
    }

    /// The platform of an image that another program describes. A word may be empty.
    ///
    /// # Errors
    /// When a word has other characters than a platform's, or is too long.
    pub(crate) fn new(os: String, architecture: String, variant: Option<String>) -> Result<Self, PlatformError> {
        let odd = [&os, &architecture].into_iter().chain(&variant).find(|word| !is_word(word));
        if let Some(word) = odd {
            return Err(PlatformError(Escaped::new(word, MAX_SHOWN)));
        }
        Ok(Self { os, architecture, variant })
    }

    /// This platform and those whose images run on it too, the best first: a machine of 32-bit ARM runs older variants.
    #[must_use]
    pub(crate) fn with_older_variants(self) -> Vec<Self> {
        let version = self.variant.as_deref().and_then(|variant| variant.strip_prefix('v')?.parse::<u8>().ok());
        match version {
            Some(version) if self.architecture == "arm" => {
                let variant = |version| Self { variant: Some(format!("v{version}")), ..self.clone() };
                (OLDEST_ARM..=version).rev().map(variant).collect()
            }
            _ => vec![self],
        }
    }

    /// Whether an image for `offered` runs on this platform; a variant that one side leaves open fits.
    #[must_use]
    pub(crate) fn accepts(&self, offered: &Self) -> bool {
        let same_variant = match (&self.variant, &offered.variant) {
            (Some(wanted), Some(offered)) => wanted == offered,
            _ => true,
        };
        self.os == offered.os && self.architecture == offered.architecture && same_variant
    }
}

/// The version in the triple of a target of 32-bit ARM, such as 7 in `armv7-unknown-linux-gnueabihf` and
/// `thumbv7neon-unknown-linux-gnueabihf`. The machine may be newer; older variants run on it too.
fn arm_version(triple: &str) -> u8 {
    let name = triple.split('-').next().unwrap_or_default();
    let digit = name.split_once('v').and_then(|(_, version)| version.chars().next()?.to_digit(10));
    digit.and_then(|digit| u8::try_from(digit).ok()).unwrap_or(UNNAMED_ARM).max(OLDEST_ARM)
}

/// Whether a text has the characters of a platform's words alone, as containerd's platform specifiers have them. It may
/// be empty: configurations of artifacts name no platform.
fn is_word(text: &str) -> bool {
    text.len() <= MAX_WORD && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// Deserializes a word of a platform from a document.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if is_word(&text) { Ok(text) } else { Err(D::Error::custom(PlatformError(Escaped::new(&text, MAX_SHOWN)))) }
}

/// The same, where the word may be missing or `null`.
pub(super) fn optional_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Word(#[serde(deserialize_with = "word")] String);
    Ok(Option::<Word>::deserialize(deserializer)?.map(|Word(text)| text))
}

/// Letters, digits, `.`, `_`, `-` and `/`, whether it was parsed or deserialized.
impl Printable for Platform {}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let parts: Vec<&str> = text.split('/').collect();
        if !parts.iter().all(|part| !part.is_empty() && is_word(part)) {
            return Err(PlatformError(Escaped::new(text, MAX_SHOWN)));
        }
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some((*variant).to_owned())),
            _ => return Err(PlatformError(Escaped::new(text, MAX_SHOWN))),
        };
        Ok(Self { os: (*os).to_owned(), architecture: (*architecture).to_owned(), variant })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        text.parse().unwrap()
    }

    #[test]
    fn a_platform_fits_where_its_variant_is_left_open() {
        assert!(platform("linux/arm64").accepts(&platform("linux/arm64/v8")));
        assert!(platform("linux/arm64/v8").accepts(&platform("linux/arm64")));
        assert!(!platform("linux/arm/v7").accepts(&platform("linux/arm/v6")));
        assert!(!platform("linux/amd64").accepts(&platform("linux/arm64")));
    }

    #[test]
    fn the_endianness_distinguishes_the_two_platforms_of_powerpc64() {
        for (little_endian, expected) in [(true, "linux/ppc64le"), (false, "linux/ppc64")] {
            let found = Platform::of_target("powerpc64", little_endian, "powerpc64-unknown-linux-gnu");
            assert_eq!(found.to_string(), expected);
        }
    }

    #[test]
    fn a_machine_of_32_bit_arm_prefers_its_own_variant_to_older_ones() {
        for (triple, expected) in [
            ("armv7-unknown-linux-gnueabihf", &["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"][..]),
            ("thumbv7neon-unknown-linux-gnueabihf", &["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"]),
            ("arm-unknown-linux-gnueabihf", &["linux/arm/v6", "linux/arm/v5"]),
            ("armv5te-unknown-linux-gnueabi", &["linux/arm/v5"]),
            ("armv4t-unknown-linux-gnueabi", &["linux/arm/v5"]),
        ] {
            let found = Platform::of_target("arm", true, triple).with_older_variants();
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{triple}");
        }
        let other = platform("linux/arm64/v8");
        assert_eq!(other.clone().with_older_variants(), [other]);
    }

    #[test]
    fn a_text_that_is_not_a_platform_is_refused() {
        for bad in ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", "li\u{202e}nux/amd64"] {
            assert!(bad.parse::<Platform>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_document_can_name_no_platform_that_moves_a_cursor() {
        let platform = |os: &str| {
            serde_json::from_value::<Platform>(serde_json::json!({"os": os, "architecture": "amd64", "variant": null}))
        };
        assert_eq!(platform("linux").unwrap().to_string(), "linux/amd64");
        assert_eq!(platform("").unwrap().to_string(), "/amd64");
        let error = platform("\u{1b}[2J\n::error::x").unwrap_err().to_string();
        assert!(error.starts_with(r"`\u{1b}[2J\n::error::x` is no platform"), "{error}");
        assert!(platform(&"a".repeat(MAX_WORD + 1)).is_err());
    }
}
