//! Durations as people write them: `90`, `90s`, `5m`, `1h30m`.

use std::time::Duration;

/// Longest `--idle-timeout` in seconds: a connection without a byte for longer is dead.
const HOUR: u64 = 3_600;

/// Longest `--timeout` in seconds: whoever waits longer needs none.
const WEEK: u64 = 7 * 24 * HOUR;

/// A parser of `--timeout`.
pub(super) fn timeout() -> impl Fn(&str) -> Result<Duration, String> + Clone {
    between(1, WEEK)
}

/// A parser of `--idle-timeout`.
pub(super) fn idle_timeout() -> impl Fn(&str) -> Result<Duration, String> + Clone {
    between(1, HOUR)
}

/// A parser of durations within bounds in seconds. A bare number is seconds.
pub(super) fn between(min: u64, max: u64) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    let (min, max) = (Duration::from_secs(min), Duration::from_secs(max));
    move |text| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let duration =
            if is_number { text.parse().ok().map(Duration::from_secs) } else { humantime::parse_duration(text).ok() };
        duration.filter(|duration| (min..=max).contains(duration)).ok_or_else(|| {
            let shown = humantime::format_duration;
            let (min, max) = (shown(min), shown(max));
            format!("expected a duration from {min} to {max}, such as `90`, `90s`, `5m` or `1h30m`")
        })
    }
}

/// A parser of ages within bounds in seconds, which have a unit: a bare number may be meant as days, and deletes more
/// as seconds.
pub(super) fn age(min: u64, max: u64) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    let parse = between(min, max);
    move |text| match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => {
            Err(format!("expected a number with its unit, such as `{0}d` for days or `{0}h` for hours", text.trim()))
        }
        false => parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_of_seconds_or_has_units() {
        let parse = between(1, 7200);
        for (text, seconds) in [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1h 30m", 5400), ("1", 1)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn an_age_without_a_unit_is_refused() {
        let parse = age(1, 86_400 * 365);
        assert_eq!(parse("30d"), Ok(Duration::from_secs(30 * 86_400)));
        assert!(parse("30").unwrap_err().contains("`30d` for days"));
        assert!(parse("").is_err());
    }

    #[test]
    fn a_duration_that_is_none_or_out_of_range_is_answered_with_the_range() {
        let parse = between(1, 3600);
        for text in ["", "0", "0s", "-1", "abc", "5x", "2h", "3601", "1ms", "99999999999999999999", "99999999999999y"] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with("expected a duration from 1s to 1h, such as"), "{text}: {error}");
        }
    }
}
