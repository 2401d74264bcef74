//! Headers of answers, as far as they can be believed.

use http::HeaderMap;
use http::header::{AsHeaderName, CONTENT_LENGTH, CONTENT_TYPE};

use crate::image::Digest;

/// The digest of the stored content (distribution specification, "Pulling manifests").
const CONTENT_DIGEST: &str = "docker-content-digest";
/// The smallest chunk, in bytes (distribution specification, "Pushing a blob in chunks").
const MIN_CHUNK: &str = "oci-chunk-min-length";

/// A header that is text.
pub(crate) fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A number as HTTP writes it, digits only: Rust's own parser also takes a `+`.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `Content-Length` as it was sent: of an answer to HEAD, the library knows only that no bytes came.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(text(headers, CONTENT_LENGTH)?)
}

/// The media type of the content, in lower case and without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = text(headers, CONTENT_TYPE)?;
    Some(text.split(';').next().unwrap_or(text).trim().to_ascii_lowercase())
}

/// The digest that the registry names for the content.
pub(crate) fn content_digest(headers: &HeaderMap) -> Option<Digest> {
    text(headers, CONTENT_DIGEST)?.parse().ok()
}

/// The smallest chunk but the last that the registry takes, in bytes.
pub(crate) fn min_chunk(headers: &HeaderMap) -> Option<u64> {
    number(text(headers, MIN_CHUNK)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_digits_only() {
        for (text, value) in [
            ("0", Some(0)),
            ("0017", Some(17)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("+5", None),
            ("-5", None),
            (" 5", None),
            ("", None),
        ] {
            assert_eq!(number(text), value, "{text}");
        }
    }
}
