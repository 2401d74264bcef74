//! `Retry-After`: when a server wants to be asked again.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::RETRY_AFTER;

use super::headers;

/// The longest wait that is believed; a push that is told to wait longer should rather fail and say so.
const MAX: Duration = Duration::from_secs(600);

/// How long to wait, at most ten minutes: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). A date that
/// has passed is no wait at all; a text that is neither is ignored.
pub(crate) fn wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers::text(headers, RETRY_AFTER)?.trim();
    let wait = match headers::number(text) {
        Some(seconds) => Duration::from_secs(seconds),
        None => httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(MAX))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn seconds_and_all_three_forms_of_dates_are_understood_and_no_wait_is_endless() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777); // 06 Nov 1994 08:49:37
        for (text, seconds) in [
            ("7", Some(7)),
            ("0", Some(0)),
            ("1000000000", Some(600)),
            ("99999999999999999999", None),
            ("-5", None),
            ("+5", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Thu, 29 Feb 2024 00:00:00 GMT", Some(600)),
            ("Fri, 31 Feb 2024 00:00:00 GMT", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1 08:49:37 GMT", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(wait(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
