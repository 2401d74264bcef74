//! Events for programs: a JSON object a line, with the seconds since the push began.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::Tick;
use super::tally::{Standing, Tally};
use crate::cli::output;
use crate::push::{Event, Progress};

/// How often bytes are news.
pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) struct Events {
    begun: Instant,
    tally: Mutex<Tally>,
}

#[derive(Serialize)]
struct Timed<T> {
    seconds: f64,
    #[serde(flatten)]
    event: T,
}

#[derive(Serialize)]
struct Far {
    event: &'static str,
    #[serde(flatten)]
    standing: Standing,
}

impl Default for Events {
    fn default() -> Self {
        Self { begun: Instant::now(), tally: Mutex::default() }
    }
}

impl Events {
    fn say(&self, event: impl Serialize) {
        // Thousandths are enough.
        let seconds = (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        // Our own structs of strings and numbers: nothing that JSON could refuse.
        output::say_line(&serde_json::to_string(&Timed { seconds, event }).unwrap_or_default());
    }
}

impl Progress for Events {
    fn event(&self, event: Event) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.count(&event);
        // Every block would be one.
        if !matches!(event, Event::Read { .. }) {
            self.say(event);
        }
    }
}

impl Tick for Events {
    fn tick(&self) {
        let standing = self.tally.lock().unwrap_or_else(PoisonError::into_inner).standing();
        self.say(Far { event: "progress", standing });
    }
}
