//! Events for programs: one JSON object per line, with the seconds since the start of the push.

use parking_lot::Mutex;
use std::time::Duration;

use serde::Serialize;

use super::counter::{Counter, Snapshot};
use super::per_registry::{PerRegistry, wait};
use super::ticker::Tick;
use crate::cli::output;
use crate::push::{Event, Progress};
use crate::text::Escaped;

/// The interval of `progress` events: often enough for a display, seldom enough for a log.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// Writes events as JSON.
#[derive(Default)]
pub(super) struct Events(Mutex<PerRegistry<Counter>>);

/// An event of one of several registries.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct OfRegistry<'a, E> {
    /// The registry's name; its URI if it is not registered. Absent where there is one registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a Escaped>,
    /// The event.
    #[serde(flatten)]
    event: E,
}

/// An event that this display adds to those of the push.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(in crate::cli) enum TickEvent {
    /// The progress so far, once per second.
    Progress(Snapshot),
    /// Nothing has moved for a second or more. Follows `progress`, once per second.
    Waiting {
        /// The side that has to act: a registry, a flavor, a credential helper, the Docker daemon.
        waiting_for: Escaped,
        /// For so many seconds.
        waiting_seconds: u64,
    },
}

impl Events {
    fn tell(&self, to: Option<&Escaped>, event: Event) {
        let mut registries = self.0.lock();
        registries.of(to).count(&event);
        // One for every block is too many; `progress` events have the sum.
        if !matches!(event, Event::Sent { .. } | Event::Received { .. }) {
            output::say_event(OfRegistry { to, event });
        }
    }
}

impl Progress for Events {
    fn event(&self, event: Event) {
        self.tell(None, event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.tell(Some(registry), event);
    }
}

impl Tick for Events {
    fn tick(&self) {
        let mut registries = self.0.lock();
        let all = registries.all();
        for (to, counter) in &all {
            output::say_event(OfRegistry { to: *to, event: TickEvent::Progress(counter.snapshot()) });
        }
        if let Some((waiting_for, waiting_seconds)) = wait(all.iter().map(|(_, counter)| &**counter)) {
            output::say_event(TickEvent::Waiting { waiting_for, waiting_seconds });
        }
    }
}
