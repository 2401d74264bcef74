//! How a push is shown while it works: bars on a terminal, lines elsewhere, or nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressStyle};

use super::output;
use crate::push::{Event, Progress};

/// Without a terminal, a sign of life this often: seldom enough for logs, often enough for watchdogs.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Bars where a person looks, lines where none does, nothing where that was asked for.
pub(super) fn choose(quiet: bool) -> Arc<dyn Progress> {
    if quiet {
        Arc::new(Nothing)
    } else if output::stderr_is_terminal() {
        Arc::new(Bars { all: MultiProgress::new(), layers: Mutex::new(HashMap::new()) })
    } else {
        Arc::new(Lines { state: Mutex::new(Life { read: 0, last: Instant::now() }) })
    }
}

/// Notes of a flavor are news even where progress is not.
struct Nothing;

impl Progress for Nothing {
    fn event(&self, _event: Event) {}
}

fn head(event: &Event) -> Option<String> {
    match event {
        Event::Target { image, registry } => Some(format!("pushing {image} to registry `{registry}`")),
        Event::Note { flavor, note } => Some(format!("note: flavor `{flavor}`: {note}")),
        Event::Present { digest, size } => Some(format!("{}: already there ({})", digest.short(), HumanBytes(*size))),
        Event::Mounted { digest, size, from } => {
            Some(format!("{}: mounted from `{from}` ({})", digest.short(), HumanBytes(*size)))
        }
        Event::Unchanged { image } => Some(format!("unchanged: the registry has this image as {image} already")),
        Event::Uploaded { digest, size, .. } => Some(format!("{}: uploaded ({})", digest.short(), HumanBytes(*size))),
        Event::Again { layer: None, what } => Some(what.clone()),
        Event::Again { layer: Some(layer), what } => Some(format!("layer {layer}: {what}")),
        Event::Started { .. } | Event::Read { .. } => None,
    }
}

struct Bars {
    all: MultiProgress,
    layers: Mutex<HashMap<usize, ProgressBar>>,
}

impl Progress for Bars {
    fn event(&self, event: Event) {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = head(&event) {
            let _ = self.all.println(line);
        }
        match event {
            Event::Started { layer, size } => {
                let bar = layers.entry(layer).or_insert_with(|| {
                    let style = "layer {prefix:>3} {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec} {eta}";
                    let bar = ProgressBar::new(size).with_prefix(layer.to_string());
                    let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
                    self.all.add(bar.with_style(style))
                });
                bar.reset();
            }
            Event::Read { layer, bytes } => {
                if let Some(bar) = layers.get(&layer) {
                    bar.inc(bytes);
                }
            }
            Event::Uploaded { layer, .. } => {
                if let Some(bar) = layers.remove(&layer) {
                    bar.finish_and_clear();
                }
            }
            Event::Target { .. }
            | Event::Note { .. }
            | Event::Present { .. }
            | Event::Mounted { .. }
            | Event::Unchanged { .. }
            | Event::Again { .. } => {}
        }
    }
}

struct Lines {
    state: Mutex<Life>,
}

struct Life {
    read: u64,
    last: Instant,
}

impl Progress for Lines {
    fn event(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = head(&event) {
            output::say_line(&line);
            state.last = Instant::now();
        }
        if let Event::Read { bytes, .. } = event {
            state.read += bytes;
            if state.last.elapsed() >= SIGN_OF_LIFE {
                output::say_line(&format!("{} read so far", HumanBytes(state.read)));
                state.last = Instant::now();
            }
        }
    }
}
