//! How a secret is written into a request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::secret::EgressSecret;

/// How a secret is written into a request.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    /// As it is.
    Raw,
    /// As a value of `application/x-www-form-urlencoded` (WHATWG URL).
    FormUrlencoded,
    /// In Base64 with padding (RFC 4648, section 4).
    Base64,
    /// As the inside of a JSON string (RFC 8259, section 7).
    JsonString,
}

impl Encoding {
    /// All encodings: an answer may repeat a secret in any of them.
    pub(super) const ALL: [Self; 4] = [Self::Raw, Self::FormUrlencoded, Self::Base64, Self::JsonString];

    /// A text as it is sent.
    pub(super) fn encode(self, text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Raw => text.as_bytes().to_vec(),
            Self::FormUrlencoded => url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into(),
            Self::Base64 => STANDARD.encode(text).into(),
            Self::JsonString => {
                let quoted = Zeroizing::new(serde_json::to_vec(text).unwrap_or_default());
                quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_vec()
            }
        })
    }
}

/// The credentials of HTTP Basic (RFC 7617): `name:password` in Base64.
pub(super) fn basic(name: &str, password: &EgressSecret) -> Zeroizing<Vec<u8>> {
    let pair = Zeroizing::new(format!("{name}:{}", password.value().expose_secret()));
    Encoding::Base64.encode(&pair)
}
