//! Numbers for Prometheus (text format 0.0.4). None of them has a caller's or a repository's name.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is counted.
#[derive(Default)]
pub(crate) struct Metrics {
    /// Logins that were handed out.
    pub(crate) logins: AtomicU64,
    /// Requests that no rule allows.
    pub(crate) denied: AtomicU64,
    /// Requests whose caller is not known.
    pub(crate) unknown: AtomicU64,
    /// Requests of callers that ask too often.
    pub(crate) limited: AtomicU64,
    /// Requests that failed here or at a provider.
    pub(crate) failed: AtomicU64,
    /// Microseconds that logins took, and their number by the longest time of each bucket.
    time: AtomicU64,
    buckets: [AtomicU64; BUCKETS.len()],
}

/// Longest times of the buckets, in microseconds.
const BUCKETS: [u64; 8] = [1_000, 2_500, 5_000, 10_000, 30_000, 100_000, 1_000_000, 10_000_000];

impl Metrics {
    /// Counts one.
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a login that took this time.
    pub(crate) fn login(&self, time: Duration) {
        Self::count(&self.logins);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.time.fetch_add(micros, Ordering::Relaxed);
        BUCKETS.iter().zip(&self.buckets).filter(|(longest, _)| micros <= **longest).for_each(|(_, bucket)| {
            Self::count(bucket);
        });
    }

    /// All of them.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (name, help, counter) in [
            ("crhost_logins_total", "Logins that were handed out.", &self.logins),
            ("crhost_denied_total", "Requests that no rule allows.", &self.denied),
            ("crhost_unknown_callers_total", "Requests whose caller is not known.", &self.unknown),
            ("crhost_limited_total", "Requests of callers that ask too often.", &self.limited),
            ("crhost_failed_total", "Requests that failed here or at a provider.", &self.failed),
        ] {
            // Writing into a String does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {}", of(counter));
        }
        let name = "crhost_login_seconds";
        let _ = writeln!(text, "# HELP {name} Time of logins.\n# TYPE {name} histogram");
        for (longest, bucket) in BUCKETS.iter().zip(&self.buckets) {
            let _ = writeln!(
                text,
                "{name}_bucket{{le=\"{}\"}} {}",
                Duration::from_micros(*longest).as_secs_f64(),
                of(bucket)
            );
        }
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {}", of(&self.logins));
        let _ = writeln!(text, "{name}_sum {}", Duration::from_micros(of(&self.time)).as_secs_f64());
        let _ = writeln!(text, "{name}_count {}", of(&self.logins));
        text
    }
}
