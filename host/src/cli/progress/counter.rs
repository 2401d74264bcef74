//! Counts the layers and bytes of a push, and estimates the time left.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::push::Event;
use crate::text::Escaped;
use crate::waiting;

/// The counts of a push that is under way.
pub(super) struct Counter {
    /// When the first layer was started.
    start: Option<Instant>,
    /// When the last event came.
    moved: Instant,
    planned: Option<usize>,
    bytes: Option<u64>,
    /// Layers that are being sent, by their numbers.
    open: BTreeMap<usize, Open>,
    done: usize,
    /// Bytes of the source of layers that are done, and bytes sent for them.
    done_bytes: (u64, u64),
}

/// A layer that is being sent.
pub(super) struct Open {
    /// Its short digest, or its number while the digest is unknown.
    pub(super) name: String,
    /// Bytes of the source that it is made of.
    pub(super) size: u64,
    /// Bytes of the source whose content was sent.
    pub(super) source: u64,
    /// Bytes sent.
    pub(super) sent: u64,
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
    /// Bytes of the source whose content was read and sent so far.
    pub(super) bytes_read: u64,
    /// Bytes of the source to send, if the source knows that.
    pub(super) bytes: Option<u64>,
    /// Bytes sent to the registry so far: fewer, where layers are compressed.
    pub(super) bytes_sent: u64,
}

impl Snapshot {
    /// The part that is done, of 100; absent where the whole is unknown.
    pub(super) fn percent(&self) -> Option<u64> {
        Some(percent(self.bytes_read, self.bytes?))
    }
}

/// A part of 100, which is 100 only at the end.
pub(super) fn percent(done: u64, all: u64) -> u64 {
    let percent = u128::from(done) * 100 / u128::from(all.max(1));
    u64::try_from(percent).unwrap_or(100).min(100)
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            start: None,
            moved: Instant::now(),
            planned: None,
            bytes: None,
            open: BTreeMap::new(),
            done: 0,
            done_bytes: (0, 0),
        }
    }
}

impl Counter {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        self.moved = Instant::now();
        match event {
            Event::Planned { layers, bytes } => (self.planned, self.bytes) = (Some(*layers), *bytes),
            Event::Started { layer, size, digest } => {
                self.start.get_or_insert_with(Instant::now);
                let name = digest.as_ref().map_or_else(|| format!("layer {layer}"), |digest| digest.short().to_owned());
                // A layer that starts again is sent from its first byte, or from the last one that is confirmed.
                self.open.insert(*layer, Open { name, size: *size, source: 0, sent: 0 });
            }
            Event::Sent { layer, bytes, source } => {
                if let Some(open) = self.open.get_mut(layer) {
                    open.sent = open.sent.max(*bytes);
                    // An estimate where the layer is compressed: it must not go backwards, nor beyond the end.
                    open.source = open.source.max(*source).min(open.size);
                }
            }
            Event::Settled { layer, size, .. } => {
                let open = self.open.remove(layer);
                let sent = open.map_or(0, |open| size.unwrap_or(open.size));
                self.done_bytes = (self.done_bytes.0 + sent, self.done_bytes.1 + sent);
                self.done += 1;
            }
            Event::Received { layer, bytes } => {
                if let Some(open) = self.open.get_mut(layer) {
                    (open.sent, open.source) = (*bytes, (*bytes).min(open.size));
                }
            }
            Event::Uploaded { layer, size, .. } | Event::Stored { layer, size, .. } => {
                let source = self.open.remove(layer).map_or(0, |open| open.size);
                self.done_bytes = (self.done_bytes.0 + source, self.done_bytes.1 + size);
                self.done += 1;
            }
            _ => {}
        }
    }

    /// The progress so far.
    pub(super) fn snapshot(&self) -> Snapshot {
        let sum = |part: fn(&Open) -> u64| self.open.values().map(part).sum::<u64>();
        Snapshot {
            layers_done: self.done,
            // A source that can only be read from end to end may give layers that were not planned.
            layers: self.planned.unwrap_or_default().max(self.done + self.open.len()),
            bytes_read: self.done_bytes.0 + sum(|open| open.source),
            bytes: self.bytes,
            bytes_sent: self.done_bytes.1 + sum(|open| open.sent),
        }
    }

    /// Whether the layers to send are known, and there are some.
    pub(super) fn has_layers(&self) -> bool {
        self.snapshot().layers > 0
    }

    /// The layers that are being sent.
    pub(super) fn open(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    /// The side that the push waits for, and the seconds since anything moved or the wait began; absent within the
    /// first one, in which most answers come.
    pub(super) fn wait(&self) -> Option<(Escaped, u64)> {
        let (side, since) = waiting::current()?;
        let seconds = since.min(self.moved.elapsed()).as_secs();
        (seconds > 0).then_some((side, seconds))
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

    fn started(layer: usize, size: u64) -> Event {
        Event::Started { layer, size, digest: None }
    }

    fn sent(layer: usize, bytes: u64, source: u64) -> Event {
        Event::Sent { layer, bytes, source }
    }

    #[test]
    fn a_layer_goes_backwards_only_when_it_is_sent_again_and_the_total_is_its_layers() {
        let mut counter = Counter::default();
        counter.count(&Event::Planned { layers: 2, bytes: Some(100) });
        counter.count(&started(1, 60));
        let mut read = |event| {
            counter.count(&event);
            let (total, layers) = (counter.snapshot(), counter.open().map(|open| open.source).sum::<u64>());
            assert_eq!(total.bytes_read, layers + counter.done_bytes.0);
            total.bytes_read
        };
        assert_eq!(read(sent(1, 10, 20)), 20);
        assert_eq!(read(sent(1, 11, 19)), 20);
        assert_eq!(read(sent(1, 40, 80)), 60);
        assert_eq!(read(started(1, 60)), 0);
        assert_eq!(read(Event::Uploaded { layer: 1, digest: Digest::of(b"layer"), size: 41 }), 60);
        assert_eq!(counter.snapshot().bytes_sent, 41);
    }

    #[test]
    fn bytes_of_a_layer_that_is_sent_again_count_once() {
        let mut counter = Counter::default();
        let digest = Digest::of(b"layer");
        for event in [
            Event::Planned { layers: 2, bytes: Some(100) },
            started(1, 60),
            sent(1, 25, 50),
            started(2, 40),
            sent(2, 5, 10),
            started(1, 60),
            sent(1, 30, 60),
            Event::Uploaded { layer: 1, digest, size: 30 },
        ] {
            counter.count(&event);
        }
        let snapshot = Snapshot { layers_done: 1, layers: 2, bytes_read: 70, bytes: Some(100), bytes_sent: 35 };
        assert_eq!(counter.snapshot(), snapshot);
        assert_eq!(time_left(snapshot, Duration::from_secs(7)), Some(Duration::from_secs(3)));
    }

    #[test]
    fn layers_that_nobody_asked_for_are_counted_too() {
        let mut counter = Counter::default();
        counter.count(&Event::Planned { layers: 1, bytes: None });
        for layer in 1..=3 {
            counter.count(&started(layer, 1));
        }
        assert_eq!(counter.snapshot().layers, 3);
        assert_eq!(counter.time_left(), None);
    }

    #[test]
    fn the_rest_is_unknown_until_something_was_read_and_nothing_at_the_end() {
        let snapshot = |bytes_read, bytes| Snapshot { layers_done: 0, layers: 1, bytes_read, bytes, bytes_sent: 0 };
        let second = Duration::from_secs(1);
        assert_eq!(time_left(snapshot(0, Some(10)), second), None);
        assert_eq!(time_left(snapshot(5, None), second), None);
        assert_eq!(time_left(snapshot(11, Some(10)), second), None);
        assert_eq!(time_left(snapshot(5, Some(10)), Duration::from_millis(1)), None);
        assert_eq!(time_left(snapshot(10, Some(10)), second), None);
    }
}
