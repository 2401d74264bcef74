//! Images of the Docker daemon, through its API: one inspection, and its export as a stream from end to end.

use std::collections::HashSet;
use std::io::{self, Read as _};
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::docker_tar::{self, Documents};
use super::error::SourceError;
use super::{Image, Item, Layer, ensure_platform};
use crate::docker::Engine;
use crate::image::{Config, Digest, Platform, Reference};

/// An image that can be exported.
#[derive(Clone)]
pub(super) struct Export {
    engine: Engine,
    id: Digest,
    diff_ids: Vec<Digest>,
}

/// What an export is called in messages.
const EXPORT: &str = "the daemon's export";

/// Asks the daemon about an image.
pub(super) async fn open(
    engine: Engine,
    name: &str,
    platform: Option<&Platform>,
) -> Result<(Image, Export), SourceError> {
    let local = engine.inspect(name).await?;
    ensure_platform(name, Some(&local.platform), platform)?;
    // An image's id is no name that it could have elsewhere.
    let is_name = name.parse::<Reference>().is_ok() && !local.id.hex().starts_with(name);
    let image = Image {
        name: is_name.then(|| name.to_owned()),
        config: None,
        id: Some(local.id.clone()),
        layers: local.diff_ids.iter().cloned().map(Layer::Tar).collect(),
        manifest: None,
    };
    Ok((image, Export { engine, id: local.id, diff_ids: local.diff_ids }))
}

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
