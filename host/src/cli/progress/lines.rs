//! Lines, for logs: the outcome of each layer, and the progress at regular intervals.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration};

use super::counter::Counter;
use super::line::line;
use super::ticker::Tick;
use crate::cli::output;
use crate::push::{Event, Progress};

/// The interval of progress lines: seldom enough for logs, often enough for CI systems that end silent jobs.
pub(super) const INTERVAL: Duration = Duration::from_secs(10);

/// Writes lines.
pub(super) struct Lines(Mutex<State>);

struct State {
    counter: Counter,
    /// When the last progress line was written, and the bytes read by then.
    last: (Instant, u64),
}

impl Default for Lines {
    fn default() -> Self {
        Self(Mutex::new(State { counter: Counter::default(), last: (Instant::now(), 0) }))
    }
}

impl Progress for Lines {
    fn event(&self, event: Event) {
        let mut state = self.0.lock();
        state.counter.count(&event);
        if let Some(line) = line(&event) {
            output::say_line(&line);
        }
    }
}

impl Tick for Lines {
    fn tick(&self) {
        let mut state = self.0.lock();
        let read = state.counter.snapshot().bytes_read;
        let (at, before) = std::mem::replace(&mut state.last, (Instant::now(), read));
        let millis = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        output::say_line(&progress_line(&state.counter, read.saturating_sub(before).saturating_mul(1000) / millis));
    }
}

/// The progress line; `rate` is in bytes per second.
fn progress_line(counter: &Counter, rate: u64) -> String {
    let snapshot = counter.snapshot();
    if snapshot.layers == 0 {
        return "no layer is on its way".to_owned();
    }
    let of = snapshot.bytes.map(|bytes| format!(" of {}", HumanBytes(bytes))).unwrap_or_default();
    let left = counter.time_left().map(|left| format!(", about {} left", HumanDuration(left))).unwrap_or_default();
    format!(
        "{} of {} layers done, {}{of} read, {}/s{left}",
        snapshot.layers_done,
        snapshot.layers,
        HumanBytes(snapshot.bytes_read),
        HumanBytes(rate)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_line_says_how_far_it_is() {
        let mut counter = Counter::default();
        assert_eq!(progress_line(&counter, 0), "no layer is on its way");
        counter.count(&Event::Planned { layers: 8, bytes: None });
        assert_eq!(progress_line(&counter, 0), "0 of 8 layers done, 0 B read, 0 B/s");
        counter.count(&Event::Planned { layers: 8, bytes: Some(4 << 20) });
        counter.count(&Event::Started { layer: 1, size: 2 << 20 });
        counter.count(&Event::Read { layer: 1, bytes: 1 << 20 });
        let line = progress_line(&counter, 512 << 10);
        assert!(line.starts_with("0 of 8 layers done, 1.00 MiB of 4.00 MiB read, 512.00 KiB/s"), "{line}");
    }
}
