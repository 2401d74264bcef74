//! Counts the layers and bytes of a push, and estimates the time left.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::push::Event;

/// The counts of a push that is under way.
#[derive(Default)]
pub(super) struct Counter {
    /// When the first layer was started.
    start: Option<Instant>,
    planned: usize,
    bytes: Option<u64>,
    /// Bytes read of each layer that is being sent.
    open: HashMap<usize, u64>,
    done: usize,
    done_bytes: u64,
}

/// The progress of a push at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Snapshot {
    /// Layers that are in the registry.
    pub(super) layers_done: usize,
    /// Layers to send.
    pub(super) layers: usize,
    /// Bytes read so far.
    pub(super) bytes_read: u64,
    /// Bytes to read, if the source knows that.
    pub(super) bytes: Option<u64>,
}

impl Counter {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Planned { layers, bytes } => (self.planned, self.bytes) = (*layers, *bytes),
            Event::Started { layer, .. } => {
                self.start.get_or_insert_with(Instant::now);
                // A layer that starts again is read from its first byte.
                self.open.insert(*layer, 0);
            }
            Event::Read { layer, bytes } => *self.open.entry(*layer).or_default() += bytes,
            Event::Uploaded { layer, .. } => {
                self.done_bytes += self.open.remove(layer).unwrap_or_default();
                self.done += 1;
            }
            _ => {}
        }
    }

    /// The progress so far.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            layers_done: self.done,
            // A source that can only be read from end to end may give layers that were not planned.
            layers: self.planned.max(self.done + self.open.len()),
            bytes_read: self.done_bytes + self.open.values().sum::<u64>(),
            bytes: self.bytes,
        }
    }

    /// The estimated time left, at the average rate so far; absent without an estimate.
    pub(super) fn time_left(&self) -> Option<Duration> {
        time_left(self.snapshot(), self.start?.elapsed())
    }
}

fn time_left(snapshot: Snapshot, passed: Duration) -> Option<Duration> {
    let rest = snapshot.bytes?.checked_sub(snapshot.bytes_read).filter(|rest| *rest > 0)?;
    // Within the first 100 ms, buffers fill faster than the line sends.
    if snapshot.bytes_read == 0 || passed < Duration::from_millis(100) {
        return None;
    }
    let millis = passed.as_millis() * u128::from(rest) / u128::from(snapshot.bytes_read);
    Some(Duration::from_millis(u64::try_from(millis).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    #[test]
    fn bytes_of_a_layer_that_is_read_again_count_once() {
        let mut counter = Counter::default();
        let digest = Digest::of(b"layer");
        for event in [
            Event::Planned { layers: 2, bytes: Some(100) },
            Event::Started { layer: 1, size: 60 },
            Event::Read { layer: 1, bytes: 50 },
            Event::Started { layer: 2, size: 40 },
            Event::Read { layer: 2, bytes: 10 },
            Event::Started { layer: 1, size: 60 },
            Event::Read { layer: 1, bytes: 60 },
            Event::Uploaded { layer: 1, digest, size: 30 },
        ] {
            counter.count(&event);
        }
        let snapshot = Snapshot { layers_done: 1, layers: 2, bytes_read: 70, bytes: Some(100) };
        assert_eq!(counter.snapshot(), snapshot);
        assert_eq!(time_left(snapshot, Duration::from_secs(7)), Some(Duration::from_secs(3)));
    }

    #[test]
    fn layers_that_nobody_asked_for_are_counted_too() {
        let mut counter = Counter::default();
        counter.count(&Event::Planned { layers: 1, bytes: None });
        for layer in 1..=3 {
            counter.count(&Event::Started { layer, size: 1 });
        }
        assert_eq!(counter.snapshot().layers, 3);
        assert_eq!(counter.time_left(), None);
    }

    #[test]
    fn the_rest_is_unknown_until_something_was_read_and_nothing_at_the_end() {
        let snapshot = |bytes_read, bytes| Snapshot { layers_done: 0, layers: 1, bytes_read, bytes };
        let second = Duration::from_secs(1);
        assert_eq!(time_left(snapshot(0, Some(10)), second), None);
        assert_eq!(time_left(snapshot(5, None), second), None);
        assert_eq!(time_left(snapshot(11, Some(10)), second), None);
        assert_eq!(time_left(snapshot(5, Some(10)), Duration::from_millis(1)), None);
        assert_eq!(time_left(snapshot(10, Some(10)), second), None);
    }
}
