//! Progress bars: one for each layer that is being sent, and one for all.

use parking_lot::Mutex;
use std::collections::HashMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::counter::Counter;
use super::line::line;
use crate::push::{Event, Progress};
use crate::text::escape_line;

const LAYER: &str = "layer {prefix:>3} {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec} {eta}";
const TOTAL: &str = "total     {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec} {eta} {msg}";
/// For a source that does not know the total size.
const UNKNOWN_TOTAL: &str = "total     {spinner:30} {bytes:>10} {bytes_per_sec} {msg}";

#[derive(Default)]
pub(super) struct Bars {
    all: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counter: Counter,
    layers: HashMap<usize, ProgressBar>,
    total: Option<ProgressBar>,
}

impl Progress for Bars {
    fn event(&self, event: Event) {
        let mut state = self.state.lock();
        if let Some(line) = line(&event) {
            let _ = self.all.println(escape_line(&line));
        }
        state.counter.count(&event);
        match event {
            Event::Planned { layers, bytes } if layers > 0 => {
                let (bar, style) = match bytes {
                    Some(bytes) => (ProgressBar::new(bytes), TOTAL),
                    None => (ProgressBar::new_spinner(), UNKNOWN_TOTAL),
                };
                state.total = Some(self.all.add(bar.with_style(styled(style))));
            }
            Event::Started { layer, size } => {
                let State { layers, total, .. } = &mut *state;
                let bar = layers.entry(layer).or_insert_with(|| {
                    let bar = ProgressBar::new(size).with_prefix(layer.to_string()).with_style(styled(LAYER));
                    match total {
                        Some(total) => self.all.insert_before(total, bar),
                        None => self.all.add(bar),
                    }
                });
                bar.reset();
            }
            Event::Read { layer, bytes } => {
                if let Some(bar) = state.layers.get(&layer) {
                    bar.inc(bytes);
                }
            }
            Event::Uploaded { layer, .. } => {
                if let Some(bar) = state.layers.remove(&layer) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
        if let Some(total) = &state.total {
            let snapshot = state.counter.snapshot();
            total.set_position(snapshot.bytes_read);
            total.set_message(format!("{}/{} layers", snapshot.layers_done, snapshot.layers));
        }
    }
}

fn styled(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
