//! How a push is shown while it works: bars on a terminal, lines elsewhere, events for programs, or nothing.

mod bars;
mod events;
mod lines;
mod tally;

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::HumanBytes;

use super::output;
use crate::push::{Event, Progress};

/// What a person asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Bars on a terminal, lines elsewhere
    #[default]
    Auto,
    /// A line for each layer, and one every 10 seconds
    Plain,
    /// A JSON object a line for each event, and one every second
    Json,
    /// Nothing
    None,
}

impl Form {
    /// Shows a push in this form until the result is dropped.
    pub(super) fn start(self) -> Arc<dyn Progress> {
        match self {
            Self::Auto if output::stderr_is_terminal() => Arc::new(bars::Bars::default()),
            Self::Auto | Self::Plain => ticking(lines::Lines::default(), lines::SIGN_OF_LIFE),
            Self::Json => ticking(events::Events::default(), events::SECOND),
            Self::None => Arc::new(Nothing),
        }
    }
}

/// Something that is shown even when nothing happens.
trait Tick: Progress + 'static {
    fn tick(&self);
}

fn ticking<T: Tick>(shown: T, every: Duration) -> Arc<dyn Progress> {
    let shown = Arc::new(shown);
    let there = Arc::downgrade(&shown);
    // Without a thread there are events alone.
    let _ = thread::Builder::new().name("progress".to_owned()).spawn(move || tick(&there, every));
    shown
}

fn tick(shown: &Weak<impl Tick>, every: Duration) {
    loop {
        thread::sleep(every);
        let Some(shown) = shown.upgrade() else { return };
        shown.tick();
    }
}

struct Nothing;

impl Progress for Nothing {
    fn event(&self, _event: Event) {}
}

/// What is worth a line.
fn line(event: &Event) -> Option<String> {
    match event {
        Event::Target { image, registry } => Some(format!("pushing {image} to registry `{registry}`")),
        Event::Note { flavor, note } => Some(format!("note: flavor `{flavor}`: {note}")),
        Event::Present { digest, size } => Some(format!("{}: already there ({})", digest.short(), HumanBytes(*size))),
        Event::Mounted { digest, size, from } => {
            Some(format!("{}: mounted from `{from}` ({})", digest.short(), HumanBytes(*size)))
        }
        Event::Foreign { digest, size } => {
            Some(format!("{}: not sent, as it lives elsewhere ({})", digest.short(), HumanBytes(*size)))
        }
        Event::Unchanged { image } => Some(format!("unchanged: the registry has this image as {image} already")),
        Event::Uploaded { digest, size, .. } => Some(format!("{}: uploaded ({})", digest.short(), HumanBytes(*size))),
        Event::Again { layer: None, what } => Some(what.clone()),
        Event::Again { layer: Some(layer), what } => Some(format!("layer {layer}: {what}")),
        Event::Planned { .. } | Event::Started { .. } | Event::Read { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{self, Sender};

    use super::*;

    struct Told(Mutex<Sender<()>>);

    impl Progress for Told {
        fn event(&self, _event: Event) {}
    }

    impl Tick for Told {
        fn tick(&self) {
            let _ = self.0.lock().unwrap().send(());
        }
    }

    #[test]
    fn a_push_in_which_nothing_ends_is_shown_again_and_again_until_it_is_over() {
        let (sender, ticks) = mpsc::channel();
        let shown = ticking(Told(Mutex::new(sender)), Duration::from_millis(1));
        ticks.recv().unwrap();
        ticks.recv().unwrap();
        drop(shown);
        // The sender goes when the thread ends.
        while ticks.recv().is_ok() {}
    }
}
