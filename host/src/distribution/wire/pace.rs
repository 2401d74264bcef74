//! Keeps the requests to one host below the number that it takes in a second.
//!
//! A registry that limits its clients answers 429 (RFC 6585, section 4), and rarely says how many requests it takes. So
//! that is found out: a 429 doubles the time between requests, and every other answer shortens it a little. Without it,
//! thousands of small requests come back together after their waits, and some are refused until they are given up.
//! As long as a host has not answered 429, no request waits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use parking_lot::Mutex;
use reqwest::Response;

/// The time between requests after the first 429: 50 in a second, of which most registries that limit take more.
const FIRST: Duration = Duration::from_millis(20);

/// The longest one. What is refused even then is tried again as anything else, after longer and longer waits.
const LONGEST: Duration = Duration::from_secs(1);

/// Below this, requests don't wait any more.
const SHORTEST: Duration = Duration::from_millis(1);

/// The part by which an answer shortens the time: about one in fifty requests is refused then in the long run, and a
/// host that was busy for a moment only has all requests again after a few seconds.
const EASE: u32 = 64;

/// The pace of the requests to one host. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Pace(Arc<Mutex<State>>);

/// A request whose turn has come.
pub(crate) struct Turn {
    pace: Pace,
    came: Instant,
}

/// What is known about a host.
#[derive(Default)]
struct State {
    /// The time between requests.
    interval: Duration,
    /// When the next request may be sent.
    next: Option<Instant>,
    /// When the time was last doubled.
    slowed: Option<Instant>,
}

impl Pace {
    /// Waits until a request may be sent.
    pub(super) async fn turn(&self) -> Turn {
        let at = self.0.lock().place(Instant::now());
        if let Some(at) = at {
            tokio::time::sleep_until(at.into()).await;
        }
        Turn { pace: self.clone(), came: Instant::now() }
    }
}

impl Turn {
    /// Takes the answer into account; a request without one says nothing about the pace.
    pub(crate) fn answered(&self, answer: Option<&Response>) {
        let Some(status) = answer.map(Response::status) else { return };
        self.pace.0.lock().answered(self.came, Instant::now(), status == StatusCode::TOO_MANY_REQUESTS);
    }
}

impl State {
    /// When the request that asks now may be sent, if it has to wait.
    fn place(&mut self, now: Instant) -> Option<Instant> {
        if self.interval.is_zero() {
            return None;
        }
        let at = self.next.map_or(now, |next| next.max(now));
        self.next = Some(at + self.interval);
        Some(at)
    }

    /// An answer to a request that was sent at a time.
    fn answered(&mut self, sent: Instant, now: Instant, is_refused: bool) {
        match is_refused {
            // Those that were on their way when the time was doubled don't show that it is still too short.
            true if self.slowed.is_none_or(|slowed| sent >= slowed) => {
                self.interval = if self.interval.is_zero() { FIRST } else { (self.interval * 2).min(LONGEST) };
                self.slowed = Some(now);
            }
            true => {}
            false => {
                self.interval -= self.interval / EASE;
                if self.interval < SHORTEST {
                    (self.interval, self.next) = (Duration::ZERO, None);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends requests, one at a time, to a host that takes `rate` in a second, and gives the seconds that they took and
    /// how many were refused. Time only passes in the calculation.
    fn simulate(rate: f64, requests: usize) -> (f64, usize) {
        let (start, mut state) = (Instant::now(), State::default());
        let (mut now, mut refilled, mut tokens) = (start, start, rate);
        let (mut done, mut refused) = (0, 0);
        while done < requests {
            // Each answer takes two milliseconds.
            now = state.place(now).unwrap_or(now).max(now) + Duration::from_millis(2);
            tokens = (tokens + now.duration_since(refilled).as_secs_f64() * rate).min(rate);
            refilled = now;
            let takes = tokens >= 1.0;
            if takes {
                (tokens, done) = (tokens - 1.0, done + 1);
            } else {
                refused += 1;
            }
            state.answered(now, now, !takes);
        }
        (now.duration_since(start).as_secs_f64(), refused)
    }

    #[test]
    fn a_host_that_limits_requests_gets_about_as_many_as_it_takes() {
        for (rate, requests) in [(2.0, 100), (20.0, 1000), (200.0, 5000)] {
            let (seconds, refused) = simulate(rate, requests);
            let least = f64::from(u32::try_from(requests).unwrap()) / rate;
            assert!(seconds < least * 2.0 && refused < requests / 5, "{rate}: {seconds} s, {refused} refused");
        }
    }

    #[test]
    fn a_host_without_a_limit_is_never_waited_for() {
        let (now, mut state) = (Instant::now(), State::default());
        for _ in 0..1000 {
            assert_eq!(state.place(now), None);
            state.answered(now, now, false);
        }
    }

    #[test]
    fn answers_to_requests_that_were_on_their_way_count_once_and_the_pace_recovers() {
        let (start, mut state) = (Instant::now(), State::default());
        let later = start + Duration::from_millis(5);
        for _ in 0..32 {
            state.answered(start, later, true);
        }
        assert_eq!(state.interval, FIRST);
        for _ in 0..200 {
            state.answered(later, later, false);
        }
        assert_eq!(state.place(later), None);
    }
}
