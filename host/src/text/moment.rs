//! Times as they are shown.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time in seconds since 1970, shown as RFC 3339 has it, in UTC; one after [`Moment::LAST`] as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) u64);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0.min(Self::LAST.0));
        humantime::format_rfc3339_seconds(time).fmt(f)
    }
}

/// The second of a time; one before 1970 is 1970.
impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl Moment {
    /// The last second that RFC 3339 has a form for, in the year 9999.
    pub(crate) const LAST: Self = Self(253_402_300_799);

    /// Now, by this machine's clock.
    #[must_use]
    pub(crate) fn now() -> Self {
        SystemTime::now().into()
    }

    /// The seconds until then.
    fn left(self) -> u64 {
        self.0.saturating_sub(Self::now().0)
    }

    /// Whether it has passed.
    #[must_use]
    pub(crate) fn is_over(self) -> bool {
        self.left() == 0
    }

    /// The time until then, in hours and minutes.
    #[must_use]
    pub(crate) fn distance(self) -> String {
        match self.left() {
            0 => "over".to_owned(),
            left if left < 60 => format!("{left} s"),
            left if left < 3600 => format!("{} min", left / 60),
            left => format!("{} h {} min", left / 3600, left % 3600 / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_utc_and_never_fails() {
        assert_eq!(Moment(1_795_953_600).to_string(), "2026-11-29T12:00:00Z");
        assert_eq!(Moment(u64::MAX).to_string(), "9999-12-31T23:59:59Z");
        let before_1970 = UNIX_EPOCH.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(Moment::from(before_1970).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Moment(0).distance(), "over");
        assert!(Moment(0).is_over() && !Moment(u64::MAX).is_over());
    }
}
