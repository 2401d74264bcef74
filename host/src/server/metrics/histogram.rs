//! How long something took.

use std::fmt::Write as _;
use std::time::Duration;

use super::number::Number;

/// Longest times of the buckets, in microseconds.
const BUCKETS: [u64; 9] = [1_000, 2_500, 5_000, 10_000, 30_000, 100_000, 1_000_000, 10_000_000, 60_000_000];

/// Times, by the buckets that they fit into.
#[derive(Default)]
pub(super) struct Histogram {
    count: Number,
    /// Microseconds of all.
    time: Number,
    buckets: [Number; BUCKETS.len()],
}

impl Histogram {
    /// Adds a time.
    pub(super) fn add(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.count.count();
        self.time.add(micros);
        BUCKETS.iter().zip(&self.buckets).filter(|(longest, _)| micros <= **longest).for_each(|(_, bucket)| {
            bucket.count();
        });
    }

    /// How many times there are.
    pub(super) fn number(&self) -> u64 {
        self.count.get()
    }

    /// Writes it.
    pub(super) fn write(&self, text: &mut String, name: &str, help: &str) {
        let seconds = |micros: u64| Duration::from_micros(micros).as_secs_f64();
        // Writing into a String does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        for (longest, bucket) in BUCKETS.iter().zip(&self.buckets) {
            let _ = writeln!(text, "{name}_bucket{{le=\"{}\"}} {}", seconds(*longest), bucket.get());
        }
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {}", self.number());
        let _ = writeln!(text, "{name}_sum {}\n{name}_count {}", seconds(self.time.get()), self.number());
    }
}
