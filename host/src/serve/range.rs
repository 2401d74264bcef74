//! Ranges of bytes: the `Range` of a download and the `Content-Range` of a chunk.
//!
//! Parsed here and not by a crate: those that exist report a malformed range, which is ignored, and one beyond the end,
//! which is refused, as the same error, and the form of chunks is the distribution specification's own.

use std::str::FromStr;

/// The meaning of a `Range` header for content of a known size (RFC 9110, section 14).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// The whole content. Also for headers that a server may ignore: other units, several ranges, malformed ones.
    Whole,
    /// From the first to the last byte, both included, within the content.
    Part(u64, u64),
    /// A range outside of the content.
    Unsatisfiable,
}

impl RequestedRange {
    /// Reads a `Range` header for content of `size` bytes.
    pub(super) fn of(header: Option<&str>, size: u64) -> Self {
        let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")).and_then(|r| r.split_once('-'))
        else {
            return Self::Whole;
        };
        let end = size.saturating_sub(1);
        let (first, last) = match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last.min(end)),
            (Some(first), None) if last.is_empty() => (first, end),
            (None, Some(suffix)) if first.is_empty() => {
                (if suffix == 0 { size } else { size.saturating_sub(suffix) }, end)
            }
            // One that ends before it begins may be ignored or refused (RFC 9110, section 14.2).
            (Some(_), Some(_)) => return Self::Unsatisfiable,
            _ => return Self::Whole,
        };
        if first < size { Self::Part(first, last) } else { Self::Unsatisfiable }
    }
}

/// The position of a chunk in its blob: the distribution specification's `Content-Range: <first>-<last>` ("Pushing a
/// blob in chunks"). The form of RFC 9110, `bytes <first>-<last>/<size>`, is accepted as well, since clients send it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// The offset of the first byte.
    pub(super) first: u64,
    /// The number of bytes.
    pub(super) length: u64,
}

impl FromStr for Chunk {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let range = text.strip_prefix("bytes ").unwrap_or(text);
        let range = range.split_once('/').map_or(range, |(range, _size)| range);
        let (first, last) = range.split_once('-').ok_or(())?;
        let (first, last) = (number(first).ok_or(())?, number(last).ok_or(())?);
        let length = last.checked_sub(first).and_then(|span| span.checked_add(1)).ok_or(())?;
        Ok(Self { first, length })
    }
}

/// A number of digits alone, as both specifications define it: `u64::from_str` would accept a leading `+`.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_gets_the_bytes_that_it_asks_for() {
        for (header, wanted) in [
            (None, RequestedRange::Whole),
            (Some("bytes=0-"), RequestedRange::Part(0, 9)),
            (Some("bytes=2-4"), RequestedRange::Part(2, 4)),
            (Some("bytes=9-9"), RequestedRange::Part(9, 9)),
            (Some("bytes=2-99"), RequestedRange::Part(2, 9)),
            (Some("bytes=-3"), RequestedRange::Part(7, 9)),
            (Some("bytes=-99"), RequestedRange::Part(0, 9)),
            (Some("bytes=10-"), RequestedRange::Unsatisfiable),
            (Some("bytes=-0"), RequestedRange::Unsatisfiable),
            (Some("bytes=4-2"), RequestedRange::Unsatisfiable),
            (Some("bytes=0-1,3-4"), RequestedRange::Whole),
            (Some("bytes=-"), RequestedRange::Whole),
            (Some("lines=1-2"), RequestedRange::Whole),
        ] {
            assert_eq!(RequestedRange::of(header, 10), wanted, "{header:?}");
        }
        assert_eq!(RequestedRange::of(Some("bytes=0-"), 0), RequestedRange::Unsatisfiable);
    }

    #[test]
    fn a_number_with_a_sign_is_no_part_of_a_range() {
        for header in ["bytes=+2-4", "bytes=2-+4", "bytes=+2-", "bytes=-+3"] {
            assert_eq!(RequestedRange::of(Some(header), 10), RequestedRange::Whole, "{header}");
        }
        for chunk in ["+5-9", "5-+9", "bytes +5-9/100"] {
            assert_eq!(chunk.parse::<Chunk>(), Err(()), "{chunk}");
        }
    }

    #[test]
    fn a_chunk_says_where_it_begins_and_how_long_it_is() {
        for text in ["5-9", "bytes 5-9", "bytes 5-9/100", "5-9/*"] {
            assert_eq!(text.parse(), Ok(Chunk { first: 5, length: 5 }), "{text}");
        }
        for bad in ["", "5", "9-5", "-5", "5-", "a-b", "0-18446744073709551615"] {
            assert_eq!(bad.parse::<Chunk>(), Err(()), "{bad}");
        }
    }
}
