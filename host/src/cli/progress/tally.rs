//! How far a push is: layers and bytes, of how many, and how long the rest may take.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::push::Event;

/// What has been counted so far.
#[derive(Default)]
pub(super) struct Tally {
    /// When the first layer was begun.
    begun: Option<Instant>,
    planned: usize,
    bytes: Option<u64>,
    /// Bytes read of each layer that is on its way.
    open: HashMap<usize, u64>,
    done: usize,
    done_bytes: u64,
}

/// How far a push is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    /// Layers that are in the registry.
    pub(super) layers_done: usize,
    /// Layers that have to be sent.
    pub(super) layers: usize,
    /// Bytes that were read for them.
    pub(super) bytes_read: u64,
    /// Bytes that have to be read, where that is known.
    pub(super) bytes: Option<u64>,
}

impl Tally {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::Planned { layers, bytes } => (self.planned, self.bytes) = (*layers, *bytes),
            Event::Started { layer, .. } => {
                self.begun.get_or_insert_with(Instant::now);
                // Begun again, it is read again.
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

    /// How far the push is.
    pub(super) fn standing(&self) -> Standing {
        Standing {
            layers_done: self.done,
            // A source that is read from end to end may give layers that were not asked for.
            layers: self.planned.max(self.done + self.open.len()),
            bytes_read: self.done_bytes + self.open.values().sum::<u64>(),
            bytes: self.bytes,
        }
    }

    /// How long the rest takes at the rate so far; none where that can't be said.
    pub(super) fn left(&self) -> Option<Duration> {
        left(self.standing(), self.begun?.elapsed())
    }
}

fn left(standing: Standing, passed: Duration) -> Option<Duration> {
    let rest = standing.bytes?.checked_sub(standing.bytes_read).filter(|rest| *rest > 0)?;
    // A tenth of a second, so that a first block says nothing of the line.
    if standing.bytes_read == 0 || passed < Duration::from_millis(100) {
        return None;
    }
    let millis = passed.as_millis() * u128::from(rest) / u128::from(standing.bytes_read);
    Some(Duration::from_millis(u64::try_from(millis).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    #[test]
    fn bytes_of_a_layer_that_is_read_again_count_once() {
        let mut tally = Tally::default();
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
            tally.count(&event);
        }
        let standing = Standing { layers_done: 1, layers: 2, bytes_read: 70, bytes: Some(100) };
        assert_eq!(tally.standing(), standing);
        assert_eq!(left(standing, Duration::from_secs(7)), Some(Duration::from_secs(3)));
    }

    #[test]
    fn layers_that_nobody_asked_for_are_counted_too() {
        let mut tally = Tally::default();
        tally.count(&Event::Planned { layers: 1, bytes: None });
        for layer in 1..=3 {
            tally.count(&Event::Started { layer, size: 1 });
        }
        assert_eq!(tally.standing().layers, 3);
        assert_eq!(tally.left(), None);
    }

    #[test]
    fn the_rest_is_unknown_until_something_was_read_and_nothing_at_the_end() {
        let standing = |bytes_read, bytes| Standing { layers_done: 0, layers: 1, bytes_read, bytes };
        let second = Duration::from_secs(1);
        assert_eq!(left(standing(0, Some(10)), second), None);
        assert_eq!(left(standing(5, None), second), None);
        assert_eq!(left(standing(11, Some(10)), second), None);
        assert_eq!(left(standing(5, Some(10)), Duration::from_millis(1)), None);
        assert_eq!(left(standing(10, Some(10)), second), None);
    }
}
