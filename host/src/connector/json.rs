//! Key files that are JSON objects, as they are or in base64, as CI systems store them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

/// The JSON object in a text, plain or in base64 (RFC 4648, section 4); absent if the text is neither.
///
/// The tolerant reader of [`crate::json`] is not used: it holds the value as a tree, of which copies of the secret
/// would stay in memory. A byte order mark, which programs of Windows write, is left out all the same.
pub(super) fn to_json(text: &str) -> Option<SecretString> {
    let text = without_mark(text);
    if is_object(text) {
        return Some(text.into());
    }
    let bare = Zeroizing::new(text.split_ascii_whitespace().collect::<String>());
    let decoded = Zeroizing::new(STANDARD.decode(bare.as_bytes()).ok()?);
    let decoded = without_mark(std::str::from_utf8(&decoded).ok()?);
    is_object(decoded).then(|| decoded.into())
}

/// The text behind a byte order mark, if it has one.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Parses without keeping anything: copies of a secret would stay behind in memory.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn an_object_is_taken_as_it_is_and_in_base64() {
        let key = r#"{"client_email":"a@b","private_key":"k"}"#;
        let encoded = STANDARD.encode(key);
        let (first, second) = encoded.split_at(20);
        let marked = STANDARD.encode(format!("\u{feff}{key}"));
        for text in [key, &encoded, &format!("{first}\n{second}\n"), &format!("\u{feff}{key}"), &marked] {
            assert_eq!(to_json(text).unwrap().expose_secret(), key);
        }
        for text in ["", "[]", "7", "{", &STANDARD.encode("[]"), &STANDARD.encode([0xff]), "no key"] {
            assert!(to_json(text).is_none(), "{text}");
        }
    }
}
