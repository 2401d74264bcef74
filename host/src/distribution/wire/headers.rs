//! Headers of answers, as far as they can be believed.

use std::io::Read as _;

use http::HeaderMap;
use http::header::{AsHeaderName, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};

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

/// Whether the content is gzip. Who names no coding that it takes, as the client here, takes any by RFC 9110, section
/// 12.5.3.
pub(crate) fn is_compressed(headers: &HeaderMap) -> bool {
    text(headers, CONTENT_ENCODING)
        .is_some_and(|coding| matches!(coding.trim().to_ascii_lowercase().as_str(), "gzip" | "x-gzip"))
}

/// Content that was gzip; `None` where it is none, or is longer than `limit` bytes.
pub(crate) fn decompressed(content: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let most = u64::try_from(limit).ok()?.checked_add(1)?;
    flate2::read::GzDecoder::new(content).take(most).read_to_end(&mut plain).ok()?;
    (plain.len() <= limit).then_some(plain)
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
