//! Lines, for logs: the outcome of each layer, and the progress at regular intervals.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration};

use super::counter::Counter;
use super::line::line;
use super::per_registry::{PerRegistry, labelled, wait};
use super::ticker::Tick;
use crate::cli::output;
use crate::push::{Event, Progress};
use crate::text::Escaped;

/// The interval of progress lines: seldom enough for logs, often enough for CI systems that end silent jobs.
pub(super) const INTERVAL: Duration = Duration::from_secs(10);

/// Writes lines.
#[derive(Default)]
pub(super) struct Lines(Mutex<PerRegistry<State>>);

struct State {
    counter: Counter,
    /// When the last progress line was written, and the bytes sent by then.
    last: (Instant, u64),
}

impl Default for State {
    fn default() -> Self {
        Self { counter: Counter::default(), last: (Instant::now(), 0) }
    }
}

impl Lines {
    fn tell(&self, registry: Option<&Escaped>, event: &Event) {
        let mut registries = self.0.lock();
        registries.of(registry).counter.count(event);
        if let Some(line) = line(event) {
            output::say_line(&labelled(registry, &line));
        }
    }
}

impl Progress for Lines {
    fn event(&self, event: Event) {
        self.tell(None, &event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.tell(Some(registry), &event);
    }
}

impl Tick for Lines {
    fn tick(&self) {
        let mut registries = self.0.lock();
        let mut all = registries.all();
        for (registry, state) in &mut all {
            let rate = state.rate();
            if state.counter.has_layers() {
                output::say_line(&labelled(*registry, &progress_line(&state.counter, rate)));
            }
        }
        let has_layers = all.iter().any(|(_, state)| state.counter.has_layers());
        match wait(all.iter().map(|(_, state)| &state.counter)) {
            Some((side, seconds)) => output::say_line(&format!("waiting for {side} ({seconds} s)")),
            None if !has_layers => output::say_line("preparing"),
            None => {}
        }
    }
}

impl State {
    /// Bytes per second since the last progress line.
    fn rate(&mut self) -> u64 {
        let sent = self.counter.snapshot().bytes_sent;
        let (at, before) = std::mem::replace(&mut self.last, (Instant::now(), sent));
        let millis = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        sent.saturating_sub(before).saturating_mul(1000) / millis
    }
}

/// The progress line; `rate` is in bytes per second.
fn progress_line(counter: &Counter, rate: u64) -> String {
    let snapshot = counter.snapshot();
    let percent = snapshot.percent().map(|percent| format!(" ({percent} %)")).unwrap_or_default();
    let left = counter.time_left().map(|left| format!(", about {} left", HumanDuration(left))).unwrap_or_default();
    format!(
        "{} of {} layers done, {} sent{percent}, {}/s{left}",
        snapshot.layers_done,
        snapshot.layers,
        HumanBytes(snapshot.bytes_sent),
        HumanBytes(rate)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_line_says_how_far_it_is() {
        let mut counter = Counter::default();
        counter.count(&Event::Planned { layers: 8, bytes: None });
        assert_eq!(progress_line(&counter, 0), "0 of 8 layers done, 0 B sent, 0 B/s");
        counter.count(&Event::Planned { layers: 8, bytes: Some(4 << 20) });
        counter.count(&Event::Started { layer: 1, size: 2 << 20, digest: None });
        counter.count(&Event::Sent { layer: 1, bytes: 1 << 19, source: 1 << 20 });
        let line = progress_line(&counter, 512 << 10);
        assert!(line.starts_with("0 of 8 layers done, 512.00 KiB sent (25 %), 512.00 KiB/s"), "{line}");
    }
}
