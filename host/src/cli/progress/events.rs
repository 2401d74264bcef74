//! Events for programs: one JSON object per line, with the seconds since the start of the push.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::counter::{Counter, Snapshot};
use super::ticker::Tick;
use crate::cli::output;
use crate::push::{Event, Progress};

/// The interval of `progress` events: often enough for a display, seldom enough for a log.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// Writes events as JSON.
pub(super) struct Events {
    start: Instant,
    counter: Mutex<Counter>,
}

/// A line: an event and its time.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Timed<T> {
    /// Seconds since the start of the push, to the millisecond.
    seconds: f64,
    #[serde(flatten)]
    event: T,
}

/// An event that this display adds to those of the push.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase")]
pub(in crate::cli) enum TickEvent {
    /// The progress so far, once per second.
    Progress(Snapshot),
}

impl Default for Events {
    fn default() -> Self {
        Self { start: Instant::now(), counter: Mutex::default() }
    }
}

impl Events {
    fn say(&self, event: impl Serialize) {
        let seconds = (self.start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        output::say_json(&Timed { seconds, event });
    }
}

impl Progress for Events {
    fn event(&self, event: Event) {
        let mut counter = self.counter.lock();
        counter.count(&event);
        // One for every block is too many; `progress` events have the sum.
        if !matches!(event, Event::Read { .. }) {
            self.say(event);
        }
    }
}

impl Tick for Events {
    fn tick(&self) {
        let snapshot = self.counter.lock().snapshot();
        self.say(TickEvent::Progress(snapshot));
    }
}
