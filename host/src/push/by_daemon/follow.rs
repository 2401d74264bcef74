//! Follows what a daemon tells while it pushes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::docker::Message;
use crate::image::{Descriptor, Digest};
use crate::push::inventory::Outcome;
use crate::push::progress::{Event, Progress};
use crate::push::published::Published;
use crate::push::report::LayerReport;

/// A push that is under way.
pub(super) struct Following {
    progress: Arc<dyn Progress>,
    /// The layers that the daemon has named, by its short ids.
    layers: HashMap<String, Followable>,
    digest: Option<Digest>,
}

/// A layer as far as the daemon has told.
struct Followable {
    number: usize,
    size: Option<u64>,
    is_started: bool,
    outcome: Option<Outcome>,
}

/// A push that ended well.
#[derive(Debug)]
pub(super) struct Followed {
    /// The digest of what was pushed, if the daemon told it.
    pub(super) digest: Option<Digest>,
    /// The outcomes that it told, by the short ids of layers.
    outcomes: HashMap<String, Outcome>,
}

impl Following {
    /// Begins to follow a push of an image with so many layers.
    pub(super) fn new(progress: Arc<dyn Progress>, layers: usize) -> Self {
        progress.event(Event::Planned { layers, bytes: None });
        Self { progress, layers: HashMap::new(), digest: None }
    }

    /// Takes a message into account.
    pub(super) fn see(&mut self, message: &Message) {
        if let Some(digest) = message.aux.as_ref().and_then(|aux| aux.digest.as_deref()) {
            self.digest = digest.parse().ok().or(self.digest.take());
        }
        match (message.id.as_deref(), message.status.as_deref()) {
            (Some(id), Some(status)) => self.see_layer(id, status, message),
            (_, Some(status)) => {
                // `v1: digest: sha256:… size: 1234`, which Podman says without an `aux`.
                let told = status.split_once("digest: ").and_then(|(_, rest)| rest.split_whitespace().next());
                match told.and_then(|digest| digest.parse().ok()) {
                    Some(digest) if self.digest.is_none() => self.digest = Some(digest),
                    _ => tracing::info!("the daemon: {}", crate::text::printable(status, 500)),
                }
            }
            _ => {}
        }
    }

    fn see_layer(&mut self, id: &str, status: &str, message: &Message) {
        let number = self.layers.len() + 1;
        let new = || Followable { number, size: None, is_started: false, outcome: None };
        let layer = self.layers.entry(id.to_owned()).or_insert_with(new);
        let detail = &message.progress_detail;
        let outcome = match status {
            "Layer already exists" => Outcome::Present,
            "Pushed" => Outcome::Uploaded,
            status if status.starts_with("Mounted from") => Outcome::Mounted,
            "Pushing" => {
                layer.size = detail.total.filter(|total| *total > 0).or(layer.size);
                let current = detail.current.unwrap_or_default();
                if !std::mem::replace(&mut layer.is_started, true) {
                    let size = layer.size.unwrap_or_default();
                    self.progress.event(Event::Started { layer: layer.number, size, digest: None });
                }
                return self.progress.event(Event::Sent { layer: layer.number, bytes: current, source: current });
            }
            status => {
                if status.starts_with("Retrying") {
                    let what = format!("the daemon sends layer {id} again: {status}").into();
                    self.progress.event(Event::Again { layer: Some(layer.number), what, is_told: true });
                }
                return;
            }
        };
        if layer.outcome.replace(outcome).is_none() {
            // What was sent is known by the last message about it; what was there was not measured.
            let size = layer.size.filter(|_| outcome == Outcome::Uploaded);
            self.progress.event(Event::Settled { layer: layer.number, id: id.into(), outcome, size });
        }
    }

    /// The end of the messages.
    pub(super) fn end(self) -> Followed {
        let told = self.layers.into_iter().filter_map(|(id, layer)| Some((id, layer.outcome?)));
        Followed { digest: self.digest, outcomes: told.collect() }
    }
}

impl Followed {
    /// The layers of the manifest that was pushed, with what the daemon told of each. Docker's classic store names them
    /// by their diff ids, others by the digests of their blobs. One of which nothing was told counts as sent.
    pub(super) fn layers(&self, published: &Published, diff_ids: &[Digest]) -> Vec<LayerReport> {
        let is_complete = published.layers.len() == diff_ids.len();
        let outcome = |(number, blob): (usize, &Descriptor)| {
            let diff_id = diff_ids.get(number).filter(|_| is_complete);
            let ids = [Some(&blob.digest), diff_id].into_iter().flatten();
            let told = ids.map(Digest::short).find_map(|id| self.outcomes.get(id)).copied();
            let outcome = if blob.urls.is_empty() { told.unwrap_or(Outcome::Uploaded) } else { Outcome::Foreign };
            LayerReport::new(blob.digest.clone(), Some(blob.size), outcome)
        };
        published.layers.iter().enumerate().map(outcome).collect()
    }
}
