//! What can be read of any response.

use serde_json::Value;

use crate::bindings::crhost::flavor::http::Response;
use crate::types::Failure;
use crate::{clock, time};

/// Longest wait that a service is believed to ask for, in seconds: a day; a push does not outlive a longer one.
const LONGEST_WAIT: u64 = 86_400;

/// Wait in seconds for a busy service that names none.
const DEFAULT_WAIT: u32 = 2;

/// Seconds by which a clock may be wrong: AWS, Google and Microsoft all accept signatures that are five minutes off.
const ALLOWED_SKEW: u64 = 300;

impl Response {
    /// Value of the first header called `name` (case does not matter), if it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as JSON; [`Value::Null`] if it is anything else.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Seconds that the header `Retry-After` asks to wait (RFC 9110, section 10.2.3), a day at most: as a number, or
    /// until a date. `None` for anything else.
    pub fn retry_after(&self) -> Option<u32> {
        wait(self.header("retry-after")?, clock::now)
    }

    /// The failure of a service that can't answer now: for 429 (rate-limited), 408 and 5xx (unavailable); `None` for
    /// another status.
    ///
    /// `service` is its name in messages, e.g. `Artifact Registry`, `words` its own explanation, which may be empty.
    /// The host tries again where the service is busy (429 and 503): when the service says, or after two seconds.
    pub fn unavailable(&self, service: &str, words: &str) -> Option<Failure> {
        let said = if words.is_empty() { String::new() } else { format!(": {words}") };
        let failure = match self.status {
            429 => Failure::rate_limited(format!("{service} answered 429, too many requests{said}")),
            408 | 500..=599 => Failure::unavailable(format!("{service} answered {}{said}", self.status)),
            _ => return None,
        };
        Some(match self.status {
            429 | 503 => failure.retry_after(self.retry_after().unwrap_or(DEFAULT_WAIT)),
            _ => failure,
        })
    }

    /// How this machine's clock is wrong by the header `Date` of a response that arrived at `now`, for a hint; `None`
    /// if it differs by less than five minutes. `whose` is the other clock's owner, e.g. `Google's`.
    pub fn clock_skew(&self, now: u64, whose: &str) -> Option<String> {
        let sent = time::from_http(self.header("date")?)?;
        let side = if sent > now { "behind" } else { "ahead of" };
        let skew = sent.abs_diff(now);
        (skew >= ALLOWED_SKEW).then(|| format!("this machine's clock is {} minutes {side} {whose}", skew / 60))
    }
}

/// Reads `Retry-After`. The clock is read for a date only: a flavor's unit tests have none.
fn wait(value: &str, now: impl FnOnce() -> u64) -> Option<u32> {
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let seconds = match is_number {
        // A number that does not fit is more than a day, too.
        true => value.parse().unwrap_or(LONGEST_WAIT),
        false => time::from_http(value)?.saturating_sub(now()),
    };
    u32::try_from(seconds.min(LONGEST_WAIT)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::response;
    use crate::types::FailureKind;

    #[test]
    fn headers_of_a_response_are_found_in_any_case() {
        let response = response(200, &[("content-type", "text/plain")], "");
        assert_eq!(response.header("Content-Type"), Some("text/plain"));
        assert_eq!(response.header("etag"), None);
    }

    #[test]
    fn a_body_that_is_not_json_is_null() {
        assert_eq!(response(200, &[], r#"{"a":1}"#).json()["a"], 1);
        for body in ["", "{", "<html>"] {
            assert_eq!(response(200, &[], body).json(), Value::Null, "{body}");
        }
    }

    #[test]
    fn a_busy_service_is_asked_again_and_a_broken_one_is_not() {
        let failure = |status, headers: &[(&str, &str)]| response(status, headers, "").unavailable("Acme", "slow down");
        let busy = failure(429, &[("retry-after", "7")]).unwrap();
        assert_eq!(busy.message, "Acme answered 429, too many requests: slow down");
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
        let busy = failure(503, &[("retry-after", "soon")]).unwrap();
        assert_eq!((busy.kind, busy.retry_after), (FailureKind::Unavailable, Some(2)));
        assert_eq!(failure(500, &[]).unwrap().retry_after, None);
        assert!(failure(403, &[]).is_none());
    }

    #[test]
    fn the_time_to_wait_is_a_number_or_ends_at_a_date_and_is_a_day_at_most() {
        // 2026-11-20T12:00:00Z.
        let noon = || 1_795_176_000;
        for (value, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Fri, 20 Nov 2026 12:00:30 GMT", Some(30)),
            ("Friday, 20-Nov-26 12:00:30 GMT", Some(30)),
            ("Fri Nov 20 12:00:30 2026", Some(30)),
            ("Fri, 20 Nov 2026 11:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(wait(value, noon), seconds, "{value}");
        }
    }

    #[test]
    fn a_clock_is_wrong_by_five_minutes_or_more() {
        let noon = response(401, &[("date", "Fri, 20 Nov 2026 12:00:00 GMT")], "");
        assert_eq!(noon.clock_skew(1_795_176_299, "Acme's"), None);
        assert_eq!(response(401, &[], "").clock_skew(0, "Acme's"), None);
        let ahead = noon.clock_skew(1_795_176_000 + 3_600, "Acme's").unwrap();
        assert_eq!(ahead, "this machine's clock is 60 minutes ahead of Acme's");
        assert!(noon.clock_skew(1_795_176_000 - 600, "Acme's").unwrap().contains("10 minutes behind"));
    }
}
