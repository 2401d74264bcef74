//! Progress bars: one for each layer that is being sent, and one for all, drawn in place below the messages.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::counter::Counter;
use super::line::line;
use super::rows::{Frame, rows};
use super::ticker::Tick;
use crate::cli::{output, screen, terminal};
use crate::push::{Event, Progress};

/// The interval of drawings: often enough that the eye sees a movement.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// The time over which the rate is measured: long enough to be read, short enough to show a stall.
const RATE_TIME: Duration = Duration::from_secs(3);

/// Draws bars.
#[derive(Default)]
pub(super) struct Bars(Mutex<State>);

#[derive(Default)]
struct State {
    counter: Counter,
    drawings: usize,
    /// Bytes that were sent at the latest drawings.
    samples: VecDeque<(Instant, u64)>,
}

impl Progress for Bars {
    fn event(&self, event: Event) {
        let mut state = self.0.lock();
        state.counter.count(&event);
        if let Some(line) = line(&event) {
            output::say_line(&line);
        }
    }
}

impl Tick for Bars {
    fn tick(&self) {
        let mut state = self.0.lock();
        let (now, sent) = (Instant::now(), state.counter.snapshot().bytes_sent);
        let rate = rate(&mut state.samples, now, sent);
        state.drawings = state.drawings.wrapping_add(1);
        let (height, width) = terminal::size();
        let rows = match width < terminal::LEAST_COLUMNS {
            true => Vec::new(),
            false => rows(&state.counter, &Frame { number: state.drawings, rate, width, height }),
        };
        screen::draw(&rows);
    }
}

/// Adds a sample, and gives the bytes per second between the oldest and this one.
fn rate(samples: &mut VecDeque<(Instant, u64)>, now: Instant, sent: u64) -> u64 {
    samples.push_back((now, sent));
    while samples.len() > 2 && samples.front().is_some_and(|(at, _)| now.duration_since(*at) > RATE_TIME) {
        samples.pop_front();
    }
    let Some((at, before)) = samples.front() else { return 0 };
    let millis = u64::try_from(now.duration_since(*at).as_millis()).unwrap_or(u64::MAX).max(1);
    sent.saturating_sub(*before).saturating_mul(1000) / millis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds_and_falls_to_nothing_in_a_stall() {
        let (start, mut samples) = (Instant::now(), VecDeque::new());
        let second = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(rate(&mut samples, second(0), 0), 0);
        assert_eq!(rate(&mut samples, second(1), 1000), 1000);
        assert_eq!(rate(&mut samples, second(2), 3000), 1500);
        for stalled in 3..6 {
            rate(&mut samples, second(stalled), 3000);
        }
        assert_eq!(rate(&mut samples, second(6), 3000), 0);
    }
}
