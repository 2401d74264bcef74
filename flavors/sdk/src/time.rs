//! Points in time as services write them: in JSON, and in headers. All are Unix time in seconds.

use std::time::{Duration, UNIX_EPOCH};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Reads `2026-11-20T12:00:00.123Z` (RFC 3339, in UTC), without the fraction; `None` for anything else.
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.split('.').next()?.split(':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if date.next().is_some() || time.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(days(year, month, day)? * DAY + hour * 3_600 + minute * 60 + second)
}

/// Writes a time as `20261120T120000Z` (ISO 8601, basic form, in UTC); the day is its first eight characters.
pub fn to_basic(unix: u64) -> String {
    to_rfc3339(unix).replace(['-', ':'], "")
}

/// Writes a time as `2026-11-20T12:00:00Z` (RFC 3339, in UTC).
pub fn to_rfc3339(unix: u64) -> String {
    // Howard Hinnant, "chrono-compatible low-level date algorithms".
    let (shifted, seconds) = (unix / DAY + 719_468, unix % DAY);
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Writes a time as `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110, section 5.6.7), as the header `date` has it.
pub fn to_http(unix: u64) -> String {
    // The last second of the year 9999: dates have four digits.
    const LAST: u64 = 253_402_300_799;
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(unix.min(LAST)))
}

/// Reads a date of HTTP in each of its three forms (RFC 9110, section 5.6.7), e.g. `Fri, 20 Nov 2026 12:00:00 GMT`;
/// `None` for anything else.
pub fn from_http(text: &str) -> Option<u64> {
    // `SystemTime` is only the type here: its clock, which this target does not have, is not read.
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

/// Days from 1970-01-01 to a date that exists (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1_970..=9_999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    days.checked_sub(719_468)
}

fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_time_are_the_same_time() {
        for (unix, rfc3339, http) in [
            (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "2000-02-29T00:00:00.5Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "2000-03-01T00:00:00Z", "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_795_176_000, "2026-11-20T12:00:00Z", "Fri, 20 Nov 2026 12:00:00 GMT"),
            (4_107_542_399, "2100-02-28T23:59:59Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
        ] {
            assert_eq!(from_rfc3339(rfc3339), Some(unix), "{rfc3339}");
            assert_eq!(from_http(http), Some(unix), "{http}");
            assert_eq!(to_rfc3339(unix), rfc3339.replace(".5Z", "Z"));
        }
    }

    #[test]
    fn all_three_forms_of_a_date_of_http_are_read() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(from_http(text), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn a_day_that_its_month_does_not_have_is_no_time() {
        for text in ["2026-02-31T12:00:00Z", "2026-02-29T12:00:00Z", "2026-04-31T12:00:00Z", "2026-01-00T12:00:00Z"] {
            assert_eq!(from_rfc3339(text), None, "{text}");
        }
        assert_eq!(from_http("Tue, 31 Feb 2026 12:00:00 GMT"), None);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "2026-11-20", "2026-11-20T12:00:00", "2026-13-20T12:00:00Z", "2026-11-20-1T12:00:00Z"] {
            assert_eq!(from_rfc3339(text), None, "{text}");
        }
        for text in ["", "Fri, 20 Now 2026 12:00:00 GMT", "20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 12:00 GMT"] {
            assert_eq!(from_http(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_as_signatures_have_it() {
        for (unix, basic_form) in [
            (0, "19700101T000000Z"),
            (951_782_400, "20000229T000000Z"),
            (1_795_176_000, "20261120T120000Z"),
            (4_107_542_399, "21000228T235959Z"),
        ] {
            assert_eq!(to_basic(unix), basic_form);
        }
    }
}
