//! What holds up a layer on its way: the line that takes its blocks, or the compressor that makes them.

use std::time::{Duration, Instant};

/// The time that is looked at as a whole: longer than a line needs to open, and than its first bytes take, which are
/// slow on every line (slow start, RFC 5681).
const WINDOW: Duration = Duration::from_secs(1);

/// The share of the time above which the line has room for a compressor that is three times as slow: it is idle for the
/// rest, and needs three times that.
const LINE: f64 = 0.75;

/// The share below which the line waits for the compressor.
const COMPRESSOR: f64 = 0.1;

/// What held a layer up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Sending took nearly all of the time.
    Line,
    /// Sending took next to no time.
    Compressor,
}

/// The time that one reading of a layer has waited for the line.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    waited: Duration,
}

impl Pace {
    /// From now on.
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, waited: Duration::ZERO }
    }

    /// Adds the time that a block waited for the line. After a while, what has held up the layer, if one thing did.
    pub(super) fn add(&mut self, waited: Duration, now: Instant) -> Option<Limit> {
        self.waited += waited;
        let time = now.saturating_duration_since(self.since);
        if time < WINDOW {
            return None;
        }
        let share = self.waited.as_secs_f64() / time.as_secs_f64();
        *self = Self::new(now);
        match share {
            share if share >= LINE => Some(Limit::Line),
            share if share < COMPRESSOR => Some(Limit::Compressor),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found out in ten blocks that take so many milliseconds each, and wait so many of these.
    fn found(milliseconds: u64, waiting: u64) -> Vec<Limit> {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let block =
            |number| pace.add(Duration::from_millis(waiting), start + Duration::from_millis(milliseconds * number));
        (1..=10).filter_map(block).collect()
    }

    #[test]
    fn a_short_push_finds_nothing_out() {
        assert_eq!(found(99, 99), []);
    }

    #[test]
    fn what_takes_the_time_is_found_out_each_second() {
        assert_eq!(found(100, 80), [Limit::Line]);
        assert_eq!(found(500, 490), [Limit::Line; 5]);
        assert_eq!(found(100, 50), []);
        assert_eq!(found(100, 5), [Limit::Compressor]);
        assert_eq!(found(1000, 0), [Limit::Compressor; 10]);
    }
}
