//! `Retry-After`: when a server wants to be asked again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use http::header::RETRY_AFTER;

/// Who is told to wait longer should rather fail and say so.
const MAX: Duration = Duration::from_secs(600);
const DAY: u64 = 24 * 60 * 60;

/// How long to wait, at most ten minutes: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). A date that
/// has passed is no wait at all; what is neither is ignored.
pub(super) fn wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            Duration::from_secs(date(text)?).saturating_sub(now)
        }
    };
    Some(wait.min(MAX))
}

/// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the one format that servers may send.
fn date(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words.as_slice() else { return None };
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = u64::try_from(months.iter().position(|name| name == month)?).ok()? + 1;
    let (day, year) = (day.parse::<u64>().ok()?, year.parse::<u64>().ok()?);
    let clock: Vec<u64> = time.split(':').filter_map(|part| part.parse().ok()).collect();
    let [hours, minutes, seconds] = clock.as_slice() else { return None };
    let plausible =
        (1970..=9999).contains(&year) && (1..=31).contains(&day) && *hours < 24 && *minutes < 60 && *seconds <= 60;
    plausible.then(|| days_since_1970(year, month, day) * DAY + hours * 3600 + minutes * 60 + seconds)
}

/// Counts in years that begin in March, so that a leap day is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // Day 0 of this count is the first of March of the year 0; the first of January 1970 is its day 719,468.
    (year * 365 + leap_days + (153 * month + 2) / 5 + day - 1).saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_nothing_waits_for_ever() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777); // 06 Nov 1994 08:49:37
        for (text, seconds) in [
            ("7", Some(7)),
            ("0", Some(0)),
            ("1000000000", Some(600)),
            ("-5", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0)),
            ("Thu, 29 Feb 2024 00:00:00 GMT", Some(600)),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1 08:49:37 GMT", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(wait(&headers, now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn leap_days_count() {
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(date("Fri, 01 Mar 2024 00:00:00 GMT"), Some(1_709_251_200));
    }
}
