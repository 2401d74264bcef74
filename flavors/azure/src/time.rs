//! Points in time as HTTP writes them, and clocks that are wrong.

/// Seconds by which a clock may be wrong: Microsoft Entra takes assertions that are five minutes off.
const SKEW: u64 = 300;

/// Days before the first of each month, in a year that has no 29 February.
const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How this machine's clock is wrong, by the header `date` of an answer that came at `now`; none if it is not, or nobody knows.
pub(crate) fn skew(date: Option<&str>, now: u64) -> Option<String> {
    let sent = from_http(date?)?;
    let side = if sent > now { "behind" } else { "ahead of" };
    let apart = sent.abs_diff(now);
    (apart >= SKEW).then(|| format!("this machine's clock is {} minutes {side} Microsoft's", apart / 60))
}

/// Reads `Fri, 20 Nov 2026 12:00:00 GMT` (RFC 9110, section 5.6.7); none for anything else.
fn from_http(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year, time) = (number(parts.next()?)?, parts.next()?, number(parts.next()?)?, parts.next()?);
    let (number_of_month, before) = BEFORE.iter().enumerate().find(|(at, _)| MONTHS.get(*at) == Some(&month))?;
    let mut time = time.split(':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    if !(1_970..=9_999).contains(&year) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_days = |year: u64| year / 4 - year / 100 + year / 400;
    let whole_years = (year - 1_970) * 365 + leap_days(year - 1) - leap_days(1_969);
    let this_year = before + u64::from(leap(year) && number_of_month > 1) + day - 1;
    Some((whole_years + this_year) * 86_400 + hour * 3_600 + minute * 60 + second)
}

fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_anything_else_is_none() {
        for (unix, http) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_795_176_000, "Fri, 20 Nov 2026 12:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        ] {
            assert_eq!(from_http(http), Some(unix), "{http}");
        }
        for text in ["", "Fri, 20 Now 2026 12:00:00 GMT", "20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 12:00 GMT"] {
            assert_eq!(from_http(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_is_wrong_by_five_minutes_or_more() {
        let noon = Some("Fri, 20 Nov 2026 12:00:00 GMT");
        assert_eq!(skew(noon, 1_795_176_299), None);
        assert_eq!(skew(None, 0), None);
        assert!(skew(noon, 1_795_176_000 + 3_600).unwrap().contains("60 minutes ahead of"));
        assert!(skew(noon, 1_795_176_000 - 600).unwrap().contains("10 minutes behind"));
    }
}
