//! Content digests, `sha256:<64 lower-case hexadecimal digits>`.

use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::text::{Escaped, Printable};

/// The SHA-256 digest of some content, in its canonical text form.
///
/// Other algorithms of the OCI image specification ("Digests") are refused: no registry requires them, and a digest
/// that crhost can't verify must not reach a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Digest(String);

/// A text that is not a digest.
#[derive(Debug, Clone, thiserror::Error, Printable)]
#[error("`{0}` is no digest: expected `sha256:` and 64 lower-case hexadecimal digits")]
pub(crate) struct DigestError(Escaped);

const PREFIX: &str = "sha256:";
const HEX_LENGTH: usize = 64;
/// Longest text in an error, in characters: room for a digest of another algorithm.
const MAX_SHOWN: usize = 200;

impl Digest {
    /// The digest of bytes in memory.
    #[must_use]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The hexadecimal digits after `sha256:`.
    #[must_use]
    pub(crate) fn hex(&self) -> &str {
        self.0.strip_prefix(PREFIX).unwrap_or_default()
    }

    /// The whole text, `sha256:…`.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first 12 hexadecimal digits, as Docker shows ids to users.
    #[must_use]
    pub(crate) fn short(&self) -> &str {
        self.hex().get(..12).unwrap_or_default()
    }

    /// A digest from its hexadecimal digits alone.
    ///
    /// # Errors
    /// When these are not 64 lower-case hexadecimal digits.
    pub(crate) fn from_hex(hex: &str) -> Result<Self, DigestError> {
        format!("{PREFIX}{hex}").parse()
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let valid = text
            .strip_prefix(PREFIX)
            .is_some_and(|hex| hex.len() == HEX_LENGTH && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        if valid { Ok(Self(text.to_owned())) } else { Err(DigestError(Escaped::new(text, MAX_SHOWN))) }
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

/// `sha256:` and hexadecimal digits.
impl Printable for Digest {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Computes a [`Digest`] from bytes in parts.
pub(crate) struct Hasher(Context);

impl Hasher {
    /// A hasher of no bytes yet.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Adds the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all added bytes.
    #[must_use]
    pub(crate) fn finish(self) -> Digest {
        let mut text = String::with_capacity(PREFIX.len() + HEX_LENGTH);
        text.push_str(PREFIX);
        for byte in self.0.finish().as_ref() {
            use fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
        }
        Digest(text)
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_well_known_one() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        assert_eq!(empty.parse::<Digest>().unwrap().short(), "e3b0c44298fc");
    }

    #[test]
    fn only_sha256_in_lower_case_is_a_digest() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for bad in [
            hex.to_owned(),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha512:{hex}"),
            "sha256:".to_owned(),
            format!("sha256:{hex}0"),
            format!("sha256:../{hex}"),
        ] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
