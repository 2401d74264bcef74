//! This machine's clock. A wrong one makes good certificates and signatures bad.

use std::time::{Duration, SystemTime};

use super::finding::{Check, Finding};
use crate::distribution::Greeting;
use crate::error::Kind;
use crate::store::ClockDifference;
use crate::text::Moment;

/// The start of 2026, in Unix time: no crhost of this form is older.
const EARLIEST: Duration = Duration::from_secs(1_767_225_600);

/// Less says nothing: a header has whole seconds, and the answer was on its way.
const TOLERATED: Duration = Duration::from_secs(30);

/// AWS and others refuse signatures from clocks that differ by more than five minutes.
const LARGEST: Duration = Duration::from_secs(300);

/// The next step where the clock is wrong.
const NEXT: &str = "set this machine's clock, such as with `timedatectl set-ntp true`";

/// Whether the clock can be right at all.
pub(super) fn of_machine() -> Option<Finding> {
    let now = SystemTime::now();
    (now < SystemTime::UNIX_EPOCH + EARLIEST).then(|| {
        let found = format!("this machine's clock says {}, which is long ago", Moment::from(now));
        Finding::problem(Check::Clock, Kind::General, found, NEXT)
    })
}

/// The clock against a registry's.
pub(super) fn against(greeting: &Greeting) -> Finding {
    let Some(date) = greeting.date else {
        return Finding::skipped(Check::Clock, "the registry does not tell its time");
    };
    let (apart, word) = match greeting.received.duration_since(date) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let found = || {
        let clock = Moment::from(greeting.received);
        format!("this machine's clock says {clock}, which is {} {word} the registry's", span(apart))
    };
    if apart > LARGEST {
        Finding::problem(Check::Clock, Kind::General, found(), NEXT)
    } else if apart > TOLERATED {
        Finding::warning(Check::Clock, found(), NEXT)
    } else {
        Finding::ok(Check::Clock, format!("{} from the registry's", span(apart)))
    }
}

/// The clock against that of a database which other machines use as well: ends of logins are told by it.
pub(super) fn against_database(difference: ClockDifference) -> Finding {
    let apart = Duration::from_secs(difference.seconds().unsigned_abs());
    let word = if difference.seconds() > 0 { "ahead of" } else { "behind" };
    let found = format!("this machine's clock is {} {word} that of the database", span(apart));
    if difference.is_too_large() {
        let next = "have NTP set both; until then `crhost server` gives no login here, and nothing is kept for others";
        Finding::problem(Check::Clock, Kind::General, format!("{found}: expected at most a minute"), next)
    } else {
        Finding::ok(Check::Clock, format!("{} from the database's", span(apart)))
    }
}

/// The clock, where a certificate is refused for its dates.
pub(super) fn of_dates() -> Finding {
    let now = Moment::now();
    let found = format!("this machine's clock says {now}; if that is wrong, the certificate may be good");
    Finding::warning(Check::Clock, found, NEXT)
}

/// A time span in its largest unit.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    #[test]
    fn a_clock_that_differs_is_told_and_a_signature_would_be_refused_beyond_five_minutes() {
        let now = humantime::parse_rfc3339("2026-11-29T12:00:00Z").unwrap();
        let found = |date: Option<SystemTime>| {
            let finding = against(&Greeting { is_secure: true, certificate: None, date, received: now });
            (finding.state, finding.found.to_string())
        };
        let secs = Duration::from_secs;
        assert_eq!(found(Some(now - secs(1))), (State::Ok, "1 second from the registry's".to_owned()));
        assert_eq!(found(Some(now + secs(3))).0, State::Ok);
        let words = "this machine's clock says 2026-11-29T12:00:00Z, which is 3 minutes behind the registry's";
        assert_eq!(found(Some(now + secs(200))), (State::Warning, words.to_owned()));
        let words = "this machine's clock says 2026-11-29T12:00:00Z, which is 10 days ahead of the registry's";
        assert_eq!(found(Some(now - secs(10 * 86_400))), (State::Problem, words.to_owned()));
        assert_eq!(found(None).0, State::Skipped);
        assert!(of_machine().is_none());
    }

    #[test]
    fn a_clock_that_is_not_the_database_s_is_a_problem_beyond_a_minute() {
        let found = |seconds: i64| {
            let finding = against_database(ClockDifference::from(seconds));
            (finding.state, finding.found.to_string())
        };
        assert_eq!(found(0), (State::Ok, "0 seconds from the database's".to_owned()));
        assert_eq!(found(-45).0, State::Ok);
        let words = "this machine's clock is 10 minutes behind that of the database: expected at most a minute";
        assert_eq!(found(-600), (State::Problem, words.to_owned()));
        assert_eq!(found(61).0, State::Problem);
    }
}
