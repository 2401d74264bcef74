//! One display for several transfers: their layers get numbers of their own, and their plans add up.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::push::{Event, Progress};
use crate::text::Escaped;

/// The display of all transfers.
pub(super) struct Several {
    inner: Arc<dyn Progress>,
    all: Mutex<Totals>,
    /// The unregistered registries that were told of.
    told: Mutex<HashSet<Told>>,
}

/// The flavor, URI and credentials of an unregistered registry.
type Told = (String, String, Option<String>);

/// The sums of all plans so far.
#[derive(Default)]
struct Totals {
    layers: usize,
    bytes: u64,
    is_unknown: bool,
    numbers: usize,
}

/// One transfer's part of the display.
struct Part {
    all: Arc<Several>,
    /// Numbers of its layers among all.
    numbers: Mutex<HashMap<usize, usize>>,
}

/// What is no transfer: registries that are opened.
struct Whole(Arc<Several>);

impl Several {
    /// Nothing was planned yet.
    pub(super) fn new(inner: Arc<dyn Progress>) -> Self {
        Self { inner, all: Mutex::default(), told: Mutex::default() }
    }

    /// The display for one more transfer.
    pub(super) fn part(self: &Arc<Self>) -> Arc<dyn Progress> {
        Arc::new(Part { all: Arc::clone(self), numbers: Mutex::default() })
    }

    /// The display for what is no transfer.
    pub(super) fn whole(self: &Arc<Self>) -> Arc<dyn Progress> {
        Arc::new(Whole(Arc::clone(self)))
    }

    fn plan(&self, layers: usize, bytes: Option<u64>) -> Event {
        let mut all = self.all.lock();
        all.layers += layers;
        all.bytes += bytes.unwrap_or_default();
        all.is_unknown |= bytes.is_none();
        Event::Planned { layers: all.layers, bytes: (!all.is_unknown).then_some(all.bytes) }
    }
}

impl Part {
    fn number(&self, own: usize) -> usize {
        *self.numbers.lock().entry(own).or_insert_with(|| {
            let mut all = self.all.all.lock();
            all.numbers += 1;
            all.numbers
        })
    }
}

impl Progress for Whole {
    fn event(&self, event: Event) {
        if let Event::Unregistered { flavor, uri, credentials } = &event {
            // One registry is opened for each of its repositories.
            let new = (flavor.to_string(), uri.to_string(), credentials.as_ref().map(ToString::to_string));
            if !self.0.told.lock().insert(new) {
                return;
            }
        }
        self.0.inner.event(event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.0.inner.event_of(registry, event);
    }
}

impl Progress for Part {
    fn event(&self, event: Event) {
        let event = match event {
            Event::Planned { layers, bytes } => self.all.plan(layers, bytes),
            Event::Started { layer, size, digest } => Event::Started { layer: self.number(layer), size, digest },
            Event::Sent { layer, bytes, source } => Event::Sent { layer: self.number(layer), bytes, source },
            Event::Again { layer, what, is_told } => {
                Event::Again { layer: layer.map(|layer| self.number(layer)), what, is_told }
            }
            Event::Uploaded { layer, digest, size } => Event::Uploaded { layer: self.number(layer), digest, size },
            other => other,
        };
        self.all.inner.event(event);
    }

    fn event_of(&self, registry: &Escaped, event: Event) {
        self.all.inner.event_of(registry, event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    #[derive(Default)]
    struct Kept(Mutex<Vec<String>>);

    impl Progress for Kept {
        fn event(&self, event: Event) {
            let text = match event {
                Event::Planned { layers, bytes } => format!("planned {layers} {bytes:?}"),
                Event::Started { layer, .. } => format!("started {layer}"),
                Event::Uploaded { layer, .. } => format!("uploaded {layer}"),
                Event::Unregistered { uri, .. } => format!("unregistered {uri}"),
                _ => "other".to_owned(),
            };
            self.0.lock().push(text);
        }

        fn event_of(&self, _registry: &Escaped, event: Event) {
            self.event(event);
        }
    }

    #[test]
    fn layers_of_several_transfers_have_numbers_of_their_own_and_their_plans_add_up() {
        let kept = Arc::new(Kept::default());
        let several = Arc::new(Several::new(Arc::clone(&kept) as Arc<dyn Progress>));
        let (one, other) = (several.part(), several.part());
        let started = |layer| Event::Started { layer, size: 1, digest: None };
        one.event(Event::Planned { layers: 2, bytes: Some(10) });
        one.event(started(1));
        other.event(Event::Planned { layers: 1, bytes: Some(5) });
        other.event(started(1));
        one.event(started(1));
        other.event(Event::Uploaded { layer: 1, digest: Digest::of(b""), size: 1 });
        let expected =
            ["planned 2 Some(10)", "started 1", "planned 3 Some(15)", "started 2", "started 1", "uploaded 2"];
        assert_eq!(*kept.0.lock(), expected);
    }
    #[test]
    fn an_unregistered_registry_is_told_of_once_however_many_of_its_repositories_are_opened() {
        let kept = Arc::new(Kept::default());
        let several = Arc::new(Several::new(Arc::clone(&kept) as Arc<dyn Progress>));
        for uri in ["a.example", "b.example", "a.example"] {
            let event = Event::Unregistered { flavor: "default".into(), uri: uri.into(), credentials: None };
            several.whole().event(event);
        }
        assert_eq!(*kept.0.lock(), ["unregistered a.example", "unregistered b.example"]);
    }
}
