//! How a secret is written into a request or a message.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// How a secret is written.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    /// As it is.
    Raw,
    /// In lower-case hexadecimal digits.
    Hex,
    /// In Base64 with padding (RFC 4648, section 4).
    Base64,
    /// In Base64 for URLs, without padding (RFC 4648, section 5).
    Base64Url,
}

impl Encoding {
    /// A secret's bytes as they are written.
    #[must_use]
    pub(crate) fn encode(self, bytes: &[u8]) -> Zeroizing<Vec<u8>> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
        Zeroizing::new(match self {
            Self::Raw => bytes.to_vec(),
            Self::Hex => bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect(),
            Self::Base64 => STANDARD.encode(bytes).into(),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(bytes).into(),
        })
    }

    /// The bytes of a secret that is written so; `None` if it is not.
    #[must_use]
    pub(super) fn decode(self, text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let decoded = match self {
            Self::Raw => text.to_vec(),
            Self::Hex => {
                let (pairs, []) = text.as_chunks::<2>() else { return None };
                pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<_>>()?
            }
            Self::Base64 => STANDARD.decode(text).ok()?,
            Self::Base64Url => URL_SAFE_NO_PAD.decode(text).ok()?,
        };
        Some(Zeroizing::new(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_the_specifications_say() {
        for (encoding, text) in [
            (Encoding::Raw, "\u{0}\u{10}~~?"),
            (Encoding::Hex, "00107e7e3f"),
            (Encoding::Base64, "ABB+fj8="),
            (Encoding::Base64Url, "ABB-fj8"),
        ] {
            assert_eq!(*encoding.encode(b"\x00\x10~~?"), text.as_bytes());
            assert_eq!(encoding.decode(text.as_bytes()).unwrap().as_slice(), b"\x00\x10~~?");
        }
        for (encoding, text) in
            [(Encoding::Hex, "0"), (Encoding::Hex, "0g"), (Encoding::Base64, "ABB-fj8="), (Encoding::Base64Url, "=")]
        {
            assert!(encoding.decode(text.as_bytes()).is_none(), "{text}");
        }
    }
}
