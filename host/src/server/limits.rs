//! How often one caller may ask: one that floods waits, and others don't.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Requests of one caller at once: a matrix of builds that starts.
const BURST: f64 = 60.0;

/// Requests of one caller a second, in the long run.
const RATE: f64 = 20.0;

/// Callers that are remembered; those with all of their requests left are forgotten first.
const MAX_CALLERS: usize = 10_000;

/// The requests that each caller has left.
#[derive(Default)]
pub(crate) struct Limits(Mutex<HashMap<String, (f64, Instant)>>);

impl Limits {
    /// Takes one request of a caller, or says how long it has to wait.
    ///
    /// # Errors
    /// When it has none left.
    pub(crate) fn take(&self, caller: &str, now: Instant) -> Result<(), Duration> {
        let mut callers = self.0.lock();
        if callers.len() >= MAX_CALLERS && !callers.contains_key(caller) {
            callers.retain(|_, (left, since)| refilled(*left, *since, now) < BURST);
            // All of them flood: the new one is not to suffer from it, and is not counted.
            if callers.len() >= MAX_CALLERS {
                return Ok(());
            }
        }
        let (left, since) = callers.entry(caller.to_owned()).or_insert((BURST, now));
        *left = refilled(*left, *since, now);
        *since = now;
        if *left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - *left) / RATE));
        }
        *left -= 1.0;
        Ok(())
    }
}

fn refilled(left: f64, since: Instant, now: Instant) -> f64 {
    (left + now.saturating_duration_since(since).as_secs_f64() * RATE).min(BURST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_that_floods_waits_and_others_do_not() {
        let (limits, start) = (Limits::default(), Instant::now());
        for _ in 0..60 {
            limits.take("flood", start).unwrap();
        }
        let wait = limits.take("flood", start).unwrap_err();
        assert!(wait <= Duration::from_millis(51), "{wait:?}");
        limits.take("other", start).unwrap();
        limits.take("flood", start + Duration::from_millis(60)).unwrap();
        assert!(limits.take("flood", start + Duration::from_millis(61)).is_err());
        for _ in 0..60 {
            limits.take("flood", start + Duration::from_secs(60)).unwrap();
        }
    }
}
