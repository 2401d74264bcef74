//! Progress bars: one for each layer that is being sent, and one for all, drawn in place below the messages. A push to
//! several registries has one for each of these.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::counter::Counter;
use super::line::line;
use super::per_registry::{PerRegistry, labelled, wait};
use super::rows::{Frame, Registry, rows, rows_of_registries};
use super::ticker::Tick;
use crate::cli::{output, screen, terminal};
use crate::push::{Event, Progress};
use crate::text::Escaped;

/// The interval of drawings: often enough that the eye sees a movement.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// The time over which the rate is measured: long enough to be read, short enough to show a stall.
const RATE_TIME: Duration = Duration::from_secs(3);

/// Draws bars.
#[derive(Default)]
pub(super) struct Bars(Mutex<State>);

#[derive(Default)]
struct State {
    registries: PerRegistry<Rated>,
    drawings: usize,
}

#[derive(Default)]
struct Rated {
    counter: Counter,
    /// Bytes that were sent at the latest drawings.
    samples: VecDeque<(Instant, u64)>,
}

impl Bars {
    fn tell(&self, registry: Option<&Escaped>, event: &Event) {
        let mut state = self.0.lock();
        state.registries.of(registry).counter.count(event);
        if let Some(line) = line(event) {
            output::say_line(&labelled(registry, &line));
        }
    }
}

impl Progress for Bars {
    fn event(&self, event: Event) {
        self.tell(None, &event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.tell(Some(registry), &event);
    }
}

impl Tick for Bars {
    fn tick(&self) {
        let mut state = self.0.lock();
        let now = Instant::now();
        state.drawings = state.drawings.wrapping_add(1);
        let number = state.drawings;
        let (height, width) = terminal::size();
        let mut all = state.registries.all();
        let rates: Vec<u64> = all.iter_mut().map(|(_, rated)| rated.rate(now)).collect();
        let frame = |rate| Frame { number, rate, width, height };
        let rows = match (all.as_slice(), width < terminal::LEAST_COLUMNS) {
            (_, true) => Vec::new(),
            ([(None, only)], _) => rows(&only.counter, &frame(rates.iter().sum())),
            (several, _) => {
                let waiting = wait(several.iter().map(|(_, rated)| &rated.counter));
                let of_each = several.iter().zip(&rates);
                let registries: Vec<_> = of_each.map(|((name, rated), rate)| rated.shown(*name, *rate)).collect();
                rows_of_registries(&registries, waiting, &frame(0))
            }
        };
        screen::draw(&rows);
    }
}

impl Rated {
    fn shown(&self, name: Option<&Escaped>, rate: u64) -> Registry<'_> {
        Registry { name: name.map(ToString::to_string).unwrap_or_default(), counter: &self.counter, rate }
    }

    fn rate(&mut self, now: Instant) -> u64 {
        let sent = self.counter.snapshot().bytes_sent;
        rate(&mut self.samples, now, sent)
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
