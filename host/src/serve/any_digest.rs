//! Digests as clients name them.

use std::fmt;
use std::str::FromStr;

use super::api_error::{ApiError, Code};
use crate::image::Digest;
use crate::text::printable;

/// Longest digest in an error, in characters: room for one of SHA-512.
const MAX_SHOWN: usize = 200;
/// Hexadecimal digits of a digest of SHA-512.
const SHA512_LENGTH: usize = 128;

/// A well-formed digest (image specification, "Digests"). Content is stored by SHA-256 alone, so that one of another
/// algorithm names nothing that is here, but may be the subject of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AnyDigest {
    /// A digest of SHA-256.
    Sha256(Digest),
    /// A digest of another algorithm.
    Other(String),
}

impl AnyDigest {
    /// The digest as text.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Sha256(digest) => digest.as_str(),
            Self::Other(text) => text,
        }
    }

    /// The digest of content that is to be stored.
    ///
    /// # Errors
    /// The specification's error for an algorithm that the registry does not have ("Pushing blobs").
    pub(super) fn stored(self) -> Result<Digest, ApiError> {
        match self {
            Self::Sha256(digest) => Ok(digest),
            Self::Other(text) => {
                let algorithm = text.split(':').next().unwrap_or_default();
                let message = format!("this registry has digests of `sha256` alone, not of `{algorithm}`");
                Err(ApiError::new(Code::DigestInvalid, message))
            }
        }
    }
}

impl fmt::Display for AnyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AnyDigest {
    type Err = ApiError;

    fn from_str(text: &str) -> Result<Self, ApiError> {
        let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_word =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let is_encoded = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-');
        let other = match text.split_once(':') {
            Some(("sha256", _)) | None => false,
            Some(("sha512", hex)) => hex.len() == SHA512_LENGTH && is_hex(hex),
            Some((algorithm, encoded)) => {
                algorithm.split(['+', '.', '_', '-']).all(is_word)
                    && !encoded.is_empty()
                    && encoded.bytes().all(is_encoded)
            }
        };
        if other {
            return Ok(Self::Other(text.to_owned()));
        }
        text.parse().map(Self::Sha256).map_err(|_| {
            let shown = printable(text, MAX_SHOWN);
            let message = format!("`{shown}` is no digest: expected `sha256:` and 64 lower-case hexadecimal digits");
            ApiError::new(Code::DigestInvalid, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_of_another_algorithm_is_one_and_a_malformed_one_is_none() {
        let sha512 = format!("sha512:{}", "a".repeat(128));
        for text in [&sha512, "blake3:x", "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"] {
            assert_eq!(text.parse::<AnyDigest>().unwrap(), AnyDigest::Other(text.to_owned()));
        }
        let sha256 = Digest::of(b"");
        assert_eq!(sha256.as_str().parse::<AnyDigest>().unwrap(), AnyDigest::Sha256(sha256.clone()));
        let upper = format!("sha256:{}", sha256.hex().to_uppercase());
        for text in
            ["", "sha256", "sha256:", "sha256:abc", &upper, &sha512.to_uppercase(), "sha512:abc", "SHA1:a", "x:a/b"]
        {
            assert!(text.parse::<AnyDigest>().is_err(), "{text}");
        }
    }
}
