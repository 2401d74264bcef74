//! Points in time as AWS writes them: in signatures, and in the header `date`.

const DAY: u64 = 86_400;

/// `20261120T120000Z`, as signatures have it; the day is its first eight characters.
pub(crate) fn basic(unix: u64) -> String {
    let (year, month, day) = civil(unix / DAY);
    let seconds = unix % DAY;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Reads `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110, section 5.6.7); none for anything else.
pub(crate) fn from_http(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (number(parts.next()?)?, parts.next()?, number(parts.next()?)?, parts.next()?);
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    unix(year, month, day, time)
}

/// The date of a day, counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`], with a time of day.
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
    fn every_form_of_a_time_is_the_same_time() {
        for (unix, basic_form, http) in [
            (0, "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_795_176_000, "20261120T120000Z", "Fri, 20 Nov 2026 12:00:00 GMT"),
            (4_107_542_399, "21000228T235959Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
        ] {
            assert_eq!(basic(unix), basic_form);
            assert_eq!(from_http(http), Some(unix), "{http}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "Fri, 20 Now 2026 12:00:00 GMT", "20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 12:00 GMT"] {
            assert_eq!(from_http(text), None, "{text}");
        }
    }
}
