//! Numbers for Prometheus (text format 0.0.4). None of them has a caller's or a repository's name, and a registry's
//! only if it is there.

mod audit;
mod histogram;
mod number;
mod registries;

use std::time::Duration;

pub(crate) use audit::AuditMetrics;
use histogram::Histogram;
pub(crate) use number::Number;
use registries::ByRegistry;

use crate::store::{AuditOutcome, Name};

/// What is counted.
#[derive(Default)]
pub(crate) struct Metrics {
    /// Requests that no rule allows.
    pub(crate) denied: Number,
    /// Requests whose caller is not known.
    pub(crate) unknown: Number,
    /// Requests of callers that ask too often.
    pub(crate) limited: Number,
    /// Requests that failed here or at a provider.
    pub(crate) failed: Number,
    /// Requests that failed since the database could not be used.
    pub(crate) store_errors: Number,
    /// Connections that are open.
    pub(crate) connections: Number,
    /// Seconds between the server's clock and its database's.
    pub(crate) clock_difference: Number,
    /// The audit.
    pub(crate) audit: AuditMetrics,
    by_registry: ByRegistry,
    logins: Histogram,
    /// Calls of flavors, by what came of them.
    calls: Histogram,
    failed_calls: Number,
}

impl Metrics {
    /// Counts a login that took this time.
    pub(crate) fn login(&self, time: Duration) {
        self.logins.add(time);
    }

    /// Counts what came of a request, for a registry that is known to be there.
    pub(crate) fn request(&self, registry: Option<&Name>, outcome: AuditOutcome) {
        self.by_registry.count(registry, outcome);
    }

    /// Counts a call of a flavor, with the requests that it makes of its provider.
    pub(crate) fn call(&self, time: Duration, is_done: bool) {
        self.calls.add(time);
        if !is_done {
            self.failed_calls.count();
        }
    }

    /// All of them.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, help, counter) in [
            ("crhost_logins_total", "Logins that were handed out.", self.logins.number()),
            ("crhost_denied_total", "Requests that no rule allows.", self.denied.get()),
            ("crhost_unknown_callers_total", "Requests whose caller is not known.", self.unknown.get()),
            ("crhost_limited_total", "Requests of callers that ask too often.", self.limited.get()),
            ("crhost_failed_total", "Requests that failed here or at a provider.", self.failed.get()),
            ("crhost_store_errors_total", "Requests that failed at the database.", self.store_errors.get()),
            ("crhost_provider_errors_total", "Calls of flavors that failed.", self.failed_calls.get()),
        ] {
            number::write(&mut text, name, help, "counter", counter);
        }
        number::write(&mut text, "crhost_connections", "Connections that are open.", "gauge", self.connections.get());
        let help = "Seconds between the clock of the server and that of its database.";
        number::write(&mut text, "crhost_clock_difference_seconds", help, "gauge", self.clock_difference.get());
        self.by_registry.write(&mut text);
        self.logins.write(&mut text, "crhost_login_seconds", "Time of logins.");
        self.calls.write(&mut text, "crhost_provider_seconds", "Time of calls of flavors and their providers.");
        self.audit.write(&mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.login(Duration::from_millis(3));
        metrics.call(Duration::from_secs(60), false);
        metrics.audit.batch(7, Duration::from_millis(2), Some(12));
        metrics.request(Some(&"prod".parse().unwrap()), AuditOutcome::Done);
        metrics.request(None, AuditOutcome::Refused);
        let text = metrics.text();
        for line in [
            "crhost_logins_total 1",
            "crhost_provider_errors_total 1",
            "crhost_login_seconds_bucket{le=\"0.0025\"} 0",
            "crhost_login_seconds_bucket{le=\"0.005\"} 1",
            "crhost_login_seconds_sum 0.003",
            "crhost_provider_seconds_bucket{le=\"+Inf\"} 1",
            "crhost_audit_rows_total 7",
            "crhost_audit_sequence 12",
            "crhost_requests_total{registry=\"prod\",outcome=\"done\"} 1",
            "crhost_requests_total{registry=\"\",outcome=\"refused\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).map(|line| line.split(' ').next());
        let mut seen = std::collections::BTreeSet::new();
        assert!(names.into_iter().all(|name| seen.insert(name)), "{text}");
    }
}
