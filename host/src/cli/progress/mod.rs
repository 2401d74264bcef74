//! The progress of a push: bars on a terminal, lines elsewhere, events for programs, or nothing.

mod bars;
mod counter;
mod events;
mod line;
mod lines;
mod per_registry;
mod rows;
mod ticker;

use std::sync::Arc;

use clap::ValueEnum;

use super::{output, terminal};
use crate::environment::Environment;
use crate::push::{Event, Progress};
use crate::text::Escaped;
use ticker::ticking;

#[cfg(test)]
pub(super) use events::{OfRegistry, TickEvent};

/// The form in which progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressFormat {
    /// Bars on a terminal, lines elsewhere
    #[default]
    Auto,
    /// A line for each layer, and one every 10 seconds
    Plain,
    /// A JSON object a line for each event, and one every second; nothing else on standard error
    Json,
    /// Nothing
    None,
}

impl ProgressFormat {
    /// Shows the progress of a push in this form until the result is dropped.
    pub(super) fn start(self, environment: &Environment) -> Arc<dyn Progress> {
        match self {
            Self::Auto if terminal::can_draw(environment) => ticking(bars::Bars::default(), bars::INTERVAL),
            // A program that asks for JSON reads the result, the error if there is one, and what flavors say.
            Self::Auto if output::is_json() => Arc::new(Notes),
            Self::Auto | Self::Plain => ticking(lines::Lines::default(), lines::INTERVAL),
            Self::Json => ticking(events::Events::default(), events::INTERVAL),
            Self::None => Arc::new(Silent),
        }
    }
}

/// Shows the notes of flavors alone.
struct Notes;

impl Progress for Notes {
    fn event(&self, event: Event) {
        if let Event::Note { flavor, note } = event {
            output::say("note", &format!("flavor `{flavor}`: {note}"));
        }
    }

    fn event_of(&self, _registry: &Escaped, event: Event) {
        self.event(event);
    }
}

/// Shows nothing.
struct Silent;

impl Progress for Silent {
    fn event(&self, _event: Event) {}

    fn event_of(&self, _registry: &Escaped, _event: Event) {}
}
