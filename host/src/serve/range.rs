//! Parts of a blob: what a download asks for, and what a chunk of an upload says it is.

use std::str::FromStr;

/// What a `Range` header asks of content of a known size (RFC 9110, "Range Requests").
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything. Also the answer to what may be ignored: other units, several ranges at once, nonsense.
    All,
    /// From the first to the last byte, both included, within the content.
    Part(u64, u64),
    /// Bytes that do not exist.
    Nothing,
}

impl Wanted {
    /// Reads a `Range` header for content of `size` bytes.
    pub(super) fn of(header: Option<&str>, size: u64) -> Self {
        let Some((first, last)) = header.and_then(|text| text.strip_prefix("bytes=")).and_then(|r| r.split_once('-'))
        else {
            return Self::All;
        };
        let end = size.saturating_sub(1);
        let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
            (Ok(first), Err(_)) if last.is_empty() => (first, end),
            (Err(_), Ok(suffix)) if first.is_empty() => {
                (if suffix == 0 { size } else { size.saturating_sub(suffix) }, end)
            }
            _ => return Self::All,
        };
        if first < size { Self::Part(first, last) } else { Self::Nothing }
    }
}

/// The place of a chunk in its blob: the distribution specification's `Content-Range: <first>-<last>` ("Pushing a blob in
/// chunks"). The form of RFC 9110, `bytes <first>-<last>/<size>`, is read as well, since clients send it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// The offset of the first byte.
    pub(super) first: u64,
    /// How many bytes.
    pub(super) length: u64,
}

impl FromStr for Chunk {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let range = text.strip_prefix("bytes ").unwrap_or(text);
        let range = range.split_once('/').map_or(range, |(range, _size)| range);
        let (first, last) = range.split_once('-').ok_or(())?;
        let (first, last) = (first.parse::<u64>().map_err(drop)?, last.parse::<u64>().map_err(drop)?);
        let length = last.checked_sub(first).and_then(|span| span.checked_add(1)).ok_or(())?;
        Ok(Self { first, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_gets_the_bytes_that_it_asks_for() {
        for (header, wanted) in [
            (None, Wanted::All),
            (Some("bytes=0-"), Wanted::Part(0, 9)),
            (Some("bytes=2-4"), Wanted::Part(2, 4)),
            (Some("bytes=9-9"), Wanted::Part(9, 9)),
            (Some("bytes=2-99"), Wanted::Part(2, 9)),
            (Some("bytes=-3"), Wanted::Part(7, 9)),
            (Some("bytes=-99"), Wanted::Part(0, 9)),
            (Some("bytes=10-"), Wanted::Nothing),
            (Some("bytes=-0"), Wanted::Nothing),
            (Some("bytes=4-2"), Wanted::All),
            (Some("bytes=0-1,3-4"), Wanted::All),
            (Some("bytes=-"), Wanted::All),
            (Some("lines=1-2"), Wanted::All),
        ] {
            assert_eq!(Wanted::of(header, 10), wanted, "{header:?}");
        }
        assert_eq!(Wanted::of(Some("bytes=0-"), 0), Wanted::Nothing);
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
