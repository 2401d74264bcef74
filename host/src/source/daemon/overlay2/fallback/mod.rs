//! Finishes layers that can't be read to their end in the daemon's store, from an export.
//!
//! The bytes that a layer's receiver has already are left out; its digest is that of both parts, so that a wrong first
//! part is found out. For the daemon an export is expensive: one at a time serves all layers that wait for it.

use parking_lot::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::image::Digest;
use crate::source::content::{Interrupted, Writer};
use crate::source::daemon::export::{self, EXPORT, Export, Passing};
use crate::source::docker_tar::{self, Documents};
use crate::source::error::SourceError;
use crate::source::inflate;

/// Exports in which a layer is looked for: daemons before Docker 25 name the layers only at the end of the first one.
const MAX_EXPORTS: usize = 2;

/// The layers of one image that wait for an export.
pub(super) struct Fallback {
    export: Export,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    is_exporting: bool,
    exports: usize,
}

/// An interrupted layer.
struct Waiting {
    diff_id: Digest,
    writer: Writer,
    /// Exports that began since it is here.
    exports: usize,
}

impl Fallback {
    /// The fallback of an image.
    pub(super) fn new(export: Export) -> Self {
        Self { export, state: Mutex::default() }
    }

    /// Whether layers go on failing after the exports that one layer may need: the whole store is likely to be
    /// unreadable.
    pub(super) fn has_failed_often(&self) -> bool {
        self.state().exports > MAX_EXPORTS
    }

    /// Finishes a layer. Blocks for the time of the export, or hands the layer to a thread that is at it already.
    pub(super) fn finish(&self, diff_id: &Digest, Interrupted { writer, reason }: Interrupted) {
        tracing::debug!("layer {diff_id} can't be read in the daemon's layer store: {reason}");
        let mut state = self.state();
        state.waiting.push(Waiting { diff_id: diff_id.clone(), writer, exports: 0 });
        if !std::mem::replace(&mut state.is_exporting, true) {
            drop(state);
            self.export_until_finished();
        }
    }

    fn export_until_finished(&self) {
        // The layers' files, where an export has named them.
        let mut files = HashMap::new();
        while self.begin() {
            let ended = self.export_once(&files).map(|documents| {
                if let Some(documents) = documents {
                    files = self.files(&documents);
                }
            });
            self.fail_those_without_hope(ended.err());
        }
    }

    /// Begins an export if a layer waits for one.
    fn begin(&self) -> bool {
        let mut state = self.state();
        state.waiting.retain(|layer| !layer.writer.is_abandoned());
        state.waiting.iter_mut().for_each(|layer| layer.exports += 1);
        state.is_exporting = !state.waiting.is_empty();
        state.exports += usize::from(state.is_exporting);
        state.is_exporting
    }

    /// Finishes waiting layers as they come by, until none waits.
    fn export_once(&self, files: &HashMap<PathBuf, Digest>) -> Result<Option<Documents>, SourceError> {
        export::walk(self.export.reader(), &self.export.diff_ids, |layer: Passing<'_>| {
            let diff_id = layer.diff_id.as_ref().or_else(|| files.get(Path::new(&layer.path)));
            if let Some(waiting) = diff_id.and_then(|diff_id| self.take(diff_id)) {
                match inflate::uncompressed(layer.stored) {
                    Ok(mut reader) => waiting.writer.resume(&mut reader).unwrap_or_else(|broken| broken.fail()),
                    Err(reason) => waiting.writer.fail(reason.into()),
                }
            }
            if self.state().waiting.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    fn take(&self, diff_id: &Digest) -> Option<Waiting> {
        let waiting = &mut self.state().waiting;
        // An upload that was given up meanwhile may wait for the same layer.
        waiting.retain(|layer| !layer.writer.is_abandoned());
        let number = waiting.iter().position(|layer| layer.diff_id == *diff_id)?;
        Some(waiting.swap_remove(number))
    }

    /// The file of each layer, by the archive's own `manifest.json`.
    fn files(&self, documents: &Documents) -> HashMap<PathBuf, Digest> {
        let entry = documents.entries().ok().and_then(|entries| entries.into_iter().next());
        let files = entry.map(|entry| entry.layers).unwrap_or_default().into_iter();
        files.map(|file| docker_tar::clean(Path::new(&file)).into()).zip(self.export.diff_ids.clone()).collect()
    }

    /// Ends the layers that waited for a broken export, or for enough whole ones.
    fn fail_those_without_hope(&self, mut error: Option<SourceError>) {
        let mut state = self.state();
        let (failed, waiting) = std::mem::take(&mut state.waiting)
            .into_iter()
            .partition(|layer| layer.exports > 0 && (error.is_some() || layer.exports >= MAX_EXPORTS));
        state.waiting = waiting;
        drop(state);
        let failed: Vec<Waiting> = failed;
        for Waiting { diff_id, writer, .. } in failed {
            let missing = || SourceError::MissingBlob { digest: diff_id, path: PathBuf::from(EXPORT).into() };
            writer.fail(error.take().unwrap_or_else(missing));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

#[cfg(test)]
mod tests;
