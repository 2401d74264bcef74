//! A Docker daemon's export of an image: a stream in the form of `docker save`, which is read from end to end.

use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::ending::Ending;
use crate::docker::Engine;
use crate::image::{Config, Digest};
use crate::source::docker_tar::{self, Documents};
use crate::source::error::SourceError;
use crate::source::feed::{FeedSender, Item};
use crate::source::image::LayerKey;
use crate::source::{inflate, tar_walk};

/// An image that can be exported.
#[derive(Clone)]
pub(in crate::source) struct Export {
    /// The daemon.
    pub(super) engine: Engine,
    /// The image's id.
    pub(super) id: Digest,
    /// Its layers, lowest first.
    pub(super) diff_ids: Vec<Digest>,
}

/// A layer that comes by in an export.
pub(super) struct Passing<'a> {
    /// Its file.
    pub(super) path: String,
    /// Its diff id, which only Docker 25 and later name.
    pub(super) diff_id: Option<Digest>,
    /// Its stored bytes.
    pub(super) stored: Box<dyn Read + 'a>,
    /// Their number.
    pub(super) size: u64,
}

/// The export's name in messages.
pub(super) const EXPORT: &str = "the daemon's export";

impl Export {
    /// Gives the layers as the daemon sends them, and the configuration after them. Layers that are not wanted are left
    /// out if the export names them by their diff ids; otherwise they are known only when they have been read.
    pub(super) fn feed(self, wanted: HashSet<LayerKey>, sender: FeedSender) {
        tokio::task::spawn_blocking(move || {
            if let Err(error) = self.give(&wanted, &sender) {
                let _ = sender.blocking_send(Err(error));
            }
        });
    }

    fn give(&self, wanted: &HashSet<LayerKey>, sender: &FeedSender) -> Result<(), SourceError> {
        let config = self.walk(wanted, sender).map_err(|error| self.explained(error))?;
        if let Some(config) = config {
            let _ = sender.blocking_send(Ok(Item::Config(config)));
        }
        Ok(())
    }

    /// Gives the layers, and then has the configuration, unless the receiver is gone.
    fn walk(&self, wanted: &HashSet<LayerKey>, sender: &FeedSender) -> Result<Option<Bytes>, SourceError> {
        let documents = walk(self.reader(), &self.diff_ids, |layer: Passing<'_>| {
            let is_wanted = |diff_id: &Digest| wanted.contains(&LayerKey::DiffId(diff_id.clone()));
            if !layer.diff_id.as_ref().is_none_or(is_wanted)
                || docker_tar::give(layer.stored, layer.size, layer.diff_id, sender)
            {
                return ControlFlow::Continue(());
            }
            ControlFlow::Break(())
        })?;
        documents.map(|documents| self.config(&documents)).transpose()
    }

    /// Docker's classic image store can't export an image without layers (`daemon/internal/tarexport/save.go`, "empty
    /// export"), and tells so in words that nobody understands.
    fn explained(&self, error: SourceError) -> SourceError {
        match self.diff_ids.is_empty() {
            true => SourceError::WithoutLayers(error.to_string().into()),
            false => error,
        }
    }

    /// The stream of a new export, to be read on a blocking thread of the runtime.
    pub(super) fn reader(&self) -> impl Read {
        let bytes = self.engine.export(self.id.as_str()).map_err(io::Error::other).boxed();
        SyncIoBridge::new(StreamReader::new(bytes))
    }

    /// The configuration, which must name the layers of the inspection.
    fn config(&self, documents: &Documents) -> Result<Bytes, SourceError> {
        let entries = documents.entries().map_err(invalid)?;
        let entry = entries.first().ok_or_else(|| invalid("it holds no image".to_owned()))?;
        let config = documents.config(entry).map_err(invalid)?;
        if Config::parse(&config)?.rootfs.diff_ids == self.diff_ids {
            Ok(config)
        } else {
            Err(invalid("it is not the image that was inspected".to_owned()))
        }
    }
}

/// Visits the layers of an export in its order. Gives the documents between them, unless the visitor broke off.
///
/// # Errors
/// If the stream can't be read, or is no archive.
pub(super) fn walk(
    export: impl Read,
    diff_ids: &[Digest],
    mut visit: impl FnMut(Passing<'_>) -> ControlFlow<()>,
) -> Result<Option<Documents>, SourceError> {
    let mut documents = Documents::default();
    let (export, ending) = Ending::of(export);
    let ended = tar_walk::stream(inflate::uncompressed(export)?, |entry| {
        let path = docker_tar::clean(&entry.path()?);
        let size = entry.size();
        if !entry.header().entry_type().is_file() {
            return Ok(ControlFlow::Continue(()));
        }
        let mut head = Vec::new();
        if Documents::may_be(&path, size) {
            entry.by_ref().take(docker_tar::HEAD).read_to_end(&mut head)?;
            if docker_tar::is_json(&head) {
                entry.read_to_end(&mut head)?;
                documents.keep(&path, head.into())?;
                return Ok(ControlFlow::Continue(()));
            }
        }
        let diff_id = named(&path).filter(|digest| diff_ids.contains(digest));
        if diff_id.is_none() && !may_be_layer(&path) {
            return Ok(ControlFlow::Continue(()));
        }
        let stored = Box::new(ending.whole(io::Cursor::new(head).chain(entry), size));
        Ok(visit(Passing { path, diff_id, stored, size }))
    });
    let ended = ended.map_err(|error| ending.explain(error))?;
    Ok(ended.is_continue().then_some(documents))
}

/// The digest that a file is named by: `blobs/sha256/<hex>` of Docker 25 and later, `<hex>.tar` of Podman.
fn named(path: &str) -> Option<Digest> {
    let file = path.rsplit('/').next()?;
    Digest::from_hex(file.split('.').next()?).ok()
}

/// Whether a file may be a layer, which the daemon's list of files says only at the end: `<id>/layer.tar` of Docker up
/// to 24, `<hex>.tar` of Podman, whose `<id>/layer.tar` are links.
fn may_be_layer(path: &str) -> bool {
    docker_tar::is_blob(path) || [".tar", ".tar.gz", ".tgz"].iter().any(|end| path.ends_with(end))
}

/// The error for an export that is not as it should be.
fn invalid(reason: String) -> SourceError {
    SourceError::Damaged { path: PathBuf::from(EXPORT).into(), reason: reason.into() }
}

#[cfg(test)]
mod tests;
