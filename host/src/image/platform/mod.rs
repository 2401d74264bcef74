//! Platforms, `os/architecture[/variant]`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{Escaped, Printable};

/// The system that an image runs on, in the terms of the OCI image index specification (Go's `GOOS` and `GOARCH`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Platform {
    /// The operating system, such as `linux`; empty where a program left it out.
    #[serde(default, deserialize_with = "word")]
    pub(super) os: String,
    /// The processor architecture, such as `amd64`; empty where a program left it out.
    #[serde(default, deserialize_with = "word")]
    pub(super) architecture: String,
    /// A variant of the architecture, such as `v8`.
    #[serde(default, deserialize_with = "optional_word", skip_serializing_if = "Option::is_none")]
    pub(super) variant: Option<String>,
}

/// The oldest variant of 32-bit ARM that images are built for.
const OLDEST_ARM: u8 = 5;
/// The variant of 32-bit ARM that is meant where none is named.
const DEFAULT_ARM: u8 = 7;
/// The version of 32-bit ARM in Rust's targets that name none, such as `arm-unknown-linux-gnueabihf`.
const UNNAMED_ARM: u8 = 6;

/// Longest word of a platform in bytes: several times the longest name of an architecture.
const MAX_WORD: usize = 64;
/// Longest text in an error, in characters: several times the longest platform.
const MAX_SHOWN: usize = 100;

/// A text that is not a platform.
#[derive(Debug, thiserror::Error, Printable)]
#[error("`{0}` is no platform: expected `os/architecture[/variant]`, such as `linux/amd64`, or an architecture")]
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

    /// The platform of an image that another program describes. A word that is none is as good as an empty one.
    #[must_use]
    pub(crate) fn new(os: String, architecture: String, variant: Option<String>) -> Self {
        let variant = variant.map(word_or_empty).filter(|variant| !variant.is_empty());
        Self { os: word_or_empty(os), architecture: word_or_empty(architecture), variant }
    }

    /// Whether it names an operating system and an architecture. The platform of what is no image, such as an
    /// attestation, is `unknown/unknown`.
    #[must_use]
    pub(crate) fn is_known(&self) -> bool {
        !self.os.is_empty() && !self.architecture.is_empty() && !self.is_unknown()
    }

    /// Whether it is `unknown/unknown`, by which BuildKit marks attestations in an index.
    #[must_use]
    pub(crate) fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// This platform and those whose images run on it too, the best first: processors run what was built for older
    /// variants of theirs. 32-bit ARM without a variant is v7, as in containerd.
    #[must_use]
    pub(crate) fn with_older_variants(&self) -> Vec<Self> {
        let normal = self.normal();
        let oldest = match normal.architecture.as_str() {
            "arm" => OLDEST_ARM,
            "amd64" => 1,
            _ => return vec![normal],
        };
        let version = match normal.variant.as_deref() {
            Some(variant) => variant.strip_prefix('v').and_then(|version| version.parse::<u8>().ok()),
            None if normal.architecture == "arm" => Some(DEFAULT_ARM),
            None => None,
        };
        let Some(version) = version else { return vec![normal] };
        let variant = |version| Self { variant: Some(format!("v{version}")), ..normal.clone() };
        (oldest..=version).rev().map(variant).map(|platform| platform.normal()).collect()
    }

    /// Whether an image for `offered` runs on this platform; a variant that one side leaves open fits.
    #[must_use]
    pub(crate) fn accepts(&self, offered: &Self) -> bool {
        let (wanted, offered) = (self.normal(), offered.normal());
        let same_variant = match (&wanted.variant, &offered.variant) {
            (Some(wanted), Some(offered)) => wanted == offered,
            _ => true,
        };
        wanted.os == offered.os && wanted.architecture == offered.architecture && same_variant
    }

    /// Whether an image for `found` runs on this platform, be it built for an older variant.
    #[must_use]
    pub(crate) fn is_met_by(&self, found: &Self) -> bool {
        self.with_older_variants().iter().any(|own| own.accepts(found))
    }

    /// Whether both are the same, however they are written.
    #[must_use]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.normal() == other.normal()
    }

    /// The usual names of the same platform, by the tables of containerd (`platforms/database.go`): `x86_64` is
    /// `amd64`, `aarch64` and `arm64/v8` are `arm64`, `armhf` is `arm/v7`.
    fn normal(&self) -> Self {
        let os = match self.os.to_ascii_lowercase() {
            os if os == "macos" => "darwin".to_owned(),
            os => os,
        };
        let variant = self.variant.as_deref().map(str::to_ascii_lowercase).filter(|variant| !variant.is_empty());
        let variant = variant.map(|variant| match variant.parse::<u8>() {
            Ok(number) => format!("v{number}"),
            Err(_) => variant,
        });
        let (architecture, variant) = match (self.architecture.to_ascii_lowercase().as_str(), variant.as_deref()) {
            ("i386" | "i486" | "i586" | "i686", _) => ("386".to_owned(), None),
            ("x86_64" | "x86-64" | "amd64", None | Some("v1")) => ("amd64".to_owned(), None),
            ("x86_64" | "x86-64", _) => ("amd64".to_owned(), variant),
            ("aarch64" | "arm64", None | Some("v8" | "v8.0")) => ("arm64".to_owned(), None),
            ("aarch64", _) => ("arm64".to_owned(), variant),
            ("armhf" | "armv7l", _) => ("arm".to_owned(), Some("v7".to_owned())),
            ("armel", _) => ("arm".to_owned(), Some("v6".to_owned())),
            (other, _) => (other.to_owned(), variant),
        };
        Self { os, architecture, variant }
    }
}

/// Operating systems that Go knows, and so containerd; one alone stands for this machine's architecture on it.
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];
/// Architectures that Go knows, and so containerd; one alone stands for `linux` on it.
const ARCHITECTURES: [&str; 26] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "wasm32",
    "wasm64",
];

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

/// The text, or nothing in its place if it is no word: it is shown, and may be anything.
fn word_or_empty(text: String) -> String {
    if is_word(&text) { text } else { String::new() }
}

/// Deserializes a word of a platform from a document. A text that is none says as little as an empty one: it is free
/// text to the program that wrote it, and an image need not name its platform.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(word_or_empty(Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
}

/// The same, where the word may be absent or empty.
pub(super) fn optional_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Some(word(deserializer)?).filter(|text| !text.is_empty()))
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
        let platform = |os: &str, architecture: &str, variant: Option<&str>| {
            let (os, architecture) = (os.to_owned(), architecture.to_owned());
            Self { os, architecture, variant: variant.map(ToOwned::to_owned) }.normal()
        };
        Ok(match *parts.as_slice() {
            [os] if SYSTEMS.contains(&platform(os, "", None).os.as_str()) => {
                Self { os: os.to_owned(), ..Self::of_this_machine() }.normal()
            }
            [architecture] if ARCHITECTURES.contains(&platform("", architecture, None).architecture.as_str()) => {
                platform("linux", architecture, None)
            }
            [os, architecture] => platform(os, architecture, None),
            [os, architecture, variant] => platform(os, architecture, Some(variant)),
            _ => return Err(PlatformError(Escaped::new(text, MAX_SHOWN))),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests;
