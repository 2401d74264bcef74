//! `Range` in the answers of uploads: the bytes of a blob that a registry has.

use http::HeaderMap;
use http::header::RANGE;

use crate::distribution::wire::headers;

/// How many bytes an answer confirms, where it says so: `Range: 0-<last>`, which some registries write `bytes=0-<last>`
/// (distribution specification, "Pushing a blob in chunks").
///
/// `0-0` is what registries send for no byte and for one byte alike; it counts as none, which is wrong only for blobs
/// of one byte.
pub(super) fn confirmed(headers: &HeaderMap) -> Option<u64> {
    let text = headers::text(headers, RANGE)?.trim();
    let (first, last) = text.strip_prefix("bytes=").unwrap_or(text).split_once('-')?;
    match (headers::number(first)?, headers::number(last)?) {
        (0, 0) => Some(0),
        (0, last) => last.checked_add(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_range_from_the_start_confirms_anything() {
        for (range, bytes) in [
            ("0-2999999", Some(3_000_000)),
            ("bytes=0-9", Some(10)),
            ("0-0", Some(0)),
            ("5-9", None),
            ("0--1", None),
            ("0-18446744073709551615", None),
            ("+0-9", None),
            ("0-+9", None),
            ("nonsense", None),
        ] {
            let headers = HeaderMap::from_iter([(RANGE, range.parse().unwrap())]);
            assert_eq!(confirmed(&headers), bytes, "{range}");
        }
        assert_eq!(confirmed(&HeaderMap::new()), None);
    }
}
