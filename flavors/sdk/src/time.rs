//! Points in time as services write them: in JSON, and in headers.

const DAY: u64 = 86_400;

/// Reads `2026-11-20T12:00:00.123Z` (RFC 3339, in UTC) as seconds since 1970, without the fraction; none for anything else.
pub fn from_rfc3339(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    if date.next().is_some() {
        return None;
    }
    unix(year, month, day, time.split('.').next()?)
}

/// Reads `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110, section 5.6.7) as seconds since 1970; none for anything else.
pub fn from_http(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (number(parts.next()?)?, parts.next()?, number(parts.next()?)?, parts.next()?);
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    unix(year, month, day, time)
}

/// Days are counted as in Howard Hinnant's "chrono-compatible low-level date algorithms".
fn unix(year: u64, month: u64, day: u64, time: &str) -> Option<u64> {
    let mut time = time.split(':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let possible = (1_970..=9_999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !possible || hour > 23 || minute > 59 || second > 60 || time.next().is_some() {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(days.checked_sub(719_468)? * DAY + hour * 3_600 + minute * 60 + second)
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
        }
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
}
