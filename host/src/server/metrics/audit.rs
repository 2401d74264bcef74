//! Numbers of the audit.

use std::time::Duration;

use super::histogram::Histogram;
use super::number::{Number, write};

/// How the audit is written.
#[derive(Default)]
pub(crate) struct AuditMetrics {
    /// Rows that wait to be written.
    pub(crate) queued: Number,
    rows: Number,
    errors: Number,
    sequence: Number,
    batches: Histogram,
}

impl AuditMetrics {
    /// Counts a transaction with so many rows, which took this time, and the last row, if it was made.
    pub(crate) fn batch(&self, rows: usize, time: Duration, last: Option<i64>) {
        self.batches.add(time);
        match last {
            Some(last) => {
                self.rows.add(u64::try_from(rows).unwrap_or(u64::MAX));
                self.sequence.set(usize::try_from(last).unwrap_or(0));
            }
            None => self.errors.count(),
        }
    }

    /// Writes them.
    pub(super) fn write(&self, text: &mut String) {
        write(text, "crhost_audit_queue", "Rows that wait to be written.", "gauge", self.queued.get());
        write(text, "crhost_audit_rows_total", "Rows that this server wrote.", "counter", self.rows.get());
        write(text, "crhost_audit_errors_total", "Transactions of rows that failed.", "counter", self.errors.get());
        let help = "The number of the last row that this server wrote.";
        write(text, "crhost_audit_sequence", help, "gauge", self.sequence.get());
        self.batches.write(text, "crhost_audit_seconds", "Time of transactions of rows.");
    }
}
