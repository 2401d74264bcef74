//! The times of images, which often lie: builds that are to be reproducible write a constant.

use std::time::UNIX_EPOCH;

/// The day of Docker's first release, 2013-03-20, in Unix seconds: no image is older. Constants of reproducible builds
/// are before it: 1970-01-01 (Bazel, jib, ko, Nix), 1980-01-01 (what zip files begin with, buildpacks), year 1 of Go's
/// zero time.
const FIRST_IMAGE: u64 = 1_363_737_600;

/// How far a clock that dated an image may be ahead of this machine's: time zones that were left out.
const MAX_AHEAD: u64 = 24 * 60 * 60;

/// A time in Unix seconds that may be an image's, from a text of RFC 3339; `None` where it is no time, or none at which
/// an image can have been made.
pub(super) fn believable(text: &str, now: u64) -> Option<u64> {
    plausible(parse(text)?, now)
}

/// The same from Unix seconds.
pub(super) fn plausible(seconds: u64, now: u64) -> Option<u64> {
    (FIRST_IMAGE..=now.saturating_add(MAX_AHEAD)).contains(&seconds).then_some(seconds)
}

/// Reads `2026-11-29T18:00:00Z`, with or without a fraction, and with a numeric offset, too.
fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let (local, offset) = match text.char_indices().rev().take(6).find(|(_, c)| matches!(c, '+' | '-' | 'Z' | 'z')) {
        Some((at, 'Z' | 'z')) => (text.get(..at)?, 0),
        Some((at, sign)) => {
            let (hours, minutes) = text.get(at + 1..)?.split_once(':')?;
            let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
            let seconds = (hours * 60 + minutes) * 60;
            (text.get(..at)?, if sign == '-' { -seconds } else { seconds })
        }
        None => return None,
    };
    let time = humantime::parse_rfc3339_weak(&format!("{local}Z")).ok()?;
    let seconds = i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    u64::try_from(seconds - offset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Moment;

    /// 2026-11-29T00:00:00Z
    const NOW: u64 = 1_795_910_400;

    #[test]
    fn a_time_is_read_in_every_form_that_builders_write() {
        for (text, expected) in [
            ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z"),
            ("2026-11-28T12:00:00.123456789Z", "2026-11-28T12:00:00Z"),
            ("2026-11-28T14:00:00+02:00", "2026-11-28T12:00:00Z"),
            ("2026-11-28T07:30:00.5-04:30", "2026-11-28T12:00:00Z"),
        ] {
            assert_eq!(believable(text, NOW).map(|time| Moment(time).to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn constants_of_reproducible_builds_and_times_to_come_are_no_times() {
        for text in [
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:01Z",
            "1980-01-01T00:00:00Z",
            "1980-01-01T00:00:01Z",
            "0001-01-01T00:00:00Z",
            "2027-06-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "yesterday",
            "",
            "2026-11-28",
        ] {
            assert_eq!(believable(text, NOW), None, "{text}");
        }
    }
}
