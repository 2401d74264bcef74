//! A Docker daemon's export of an image: a stream to be read from end to end.

use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio_util::io::{StreamReader, SyncIoBridge};

use crate::docker::Engine;
use crate::image::{Config, Digest};
use crate::source::Item;
use crate::source::docker_tar::{self, Documents};
use crate::source::error::SourceError;

/// An image that can be exported.
#[derive(Clone)]
pub(super) struct Export {
    pub(super) engine: Engine,
    pub(super) id: Digest,
    pub(super) diff_ids: Vec<Digest>,
}

/// What an export is called in messages.
const EXPORT: &str = "the daemon's export";

impl Export {
    /// Gives the layers as the daemon sends them, and the configuration when it has come by. A daemon that names its files
    /// by digest lets layers be passed over; an older one's have to be read to be known.
    pub(super) fn feed(self, wanted: HashSet<Digest>, sender: mpsc::Sender<Result<Item, SourceError>>) {
        tokio::task::spawn_blocking(move || {
            let bytes = self.engine.export(self.id.as_str()).map_err(io::Error::other).boxed();
            let reader = SyncIoBridge::new(StreamReader::new(bytes));
            if let Err(error) = self.walk(reader, &wanted, &sender) {
                let _ = sender.blocking_send(Err(error));
            }
        });
    }

    fn walk(
        &self,
        reader: impl io::Read,
        wanted: &HashSet<Digest>,
        sender: &mpsc::Sender<Result<Item, SourceError>>,
    ) -> Result<(), SourceError> {
        let mut documents = Documents::default();
        let mut archive = tar::Archive::new(reader);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = docker_tar::clean(&entry.path()?);
            let size = entry.size();
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let mut head = Vec::new();
            if Documents::may_be(&path, size) {
                entry.by_ref().take(1).read_to_end(&mut head)?;
                if docker_tar::is_json(&head) {
                    entry.read_to_end(&mut head)?;
                    documents.keep(&path, head.into()).map_err(no_archive)?;
                    continue;
                }
            }
            // Newer daemons name an uncompressed layer by its diff id.
            let named = path.strip_prefix("blobs/sha256/").and_then(|hex| Digest::from_hex(hex).ok());
            let named = named.filter(|digest| self.diff_ids.contains(digest));
            let is_layer = path.ends_with("/layer.tar") || docker_tar::is_blob(&path);
            if !is_layer || named.as_ref().is_some_and(|digest| !wanted.contains(digest)) {
                continue;
            }
            if !docker_tar::give(io::Cursor::new(head).chain(entry), size, named.as_ref(), sender) {
                return Ok(());
            }
        }
        let config = self.config(&documents)?;
        let _ = sender.blocking_send(Ok(Item::Config(config)));
        Ok(())
    }

    /// The configuration, which must name the layers that the inspection named.
    fn config(&self, documents: &Documents) -> Result<Bytes, SourceError> {
        let entries = documents.entries().map_err(no_archive)?;
        let entry = entries.first().ok_or_else(|| no_archive("it holds no image".to_owned()))?;
        let config = documents.config(entry).map_err(no_archive)?;
        if Config::parse(&config)?.rootfs.diff_ids == self.diff_ids {
            Ok(config)
        } else {
            Err(no_archive("it is not the image that was inspected".to_owned()))
        }
    }
}

fn no_archive(reason: String) -> SourceError {
    SourceError::NoArchive { path: PathBuf::from(EXPORT), reason }
}
