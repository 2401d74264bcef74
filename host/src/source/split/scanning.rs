//! The first reading: finds out the parts of layers.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::layer::{AT_ONCE, SplitLayer};
use super::parts::{self, Scan};
use super::reading::{Archive, Hashed, head};
use super::whole::Whole;
use crate::image::Digest;
use crate::source::error::SourceError;
use crate::source::feed::{Feed, Item};
use crate::source::image::LayerKey;
use crate::text::printable;

/// What a reading of layers found out.
pub(super) struct Scanned {
    /// The layers with several parts.
    pub(super) layers: HashMap<LayerKey, Arc<SplitLayer>>,
    /// The configuration, if it came with the layers.
    pub(super) config: Option<Bytes>,
}

/// One item of it.
enum Found {
    Config(Bytes),
    Split(LayerKey, Arc<SplitLayer>),
    Whole,
}

/// Reads the layers of a feed, several at once. `diff_ids` are those of layers that are compressed.
///
/// # Errors
/// If one can't be read, or has another diff id.
pub(super) async fn scan(feed: Feed, diff_ids: HashMap<LayerKey, Digest>, size: u64) -> Result<Scanned, SourceError> {
    let items = stream::unfold(feed, |mut feed| async move { Some((feed.recv().await?, feed)) });
    let found = items.map(|item| find(item, &diff_ids, size)).buffer_unordered(AT_ONCE);
    let add = |mut scanned: Scanned, found| async move {
        match found {
            Found::Config(config) => scanned.config = Some(config),
            Found::Split(key, layer) => drop(scanned.layers.insert(key, layer)),
            Found::Whole => {}
        }
        Ok(scanned)
    };
    found.try_fold(Scanned { layers: HashMap::new(), config: None }, add).await
}

async fn find(
    item: Result<Item, SourceError>,
    diff_ids: &HashMap<LayerKey, Digest>,
    size: u64,
) -> Result<Found, SourceError> {
    let (key, size_as_given, head, item) = match item? {
        Item::Config(config) => return Ok(Found::Config(config)),
        Item::Blob(blob, mut content) => {
            let (key, bytes, head) = (LayerKey::Blob(blob.digest.clone()), content.size, head(&mut content).await?);
            (Some(key), bytes, head, Item::Blob(blob, content))
        }
        Item::Tar(mut content) => (None, content.size, head(&mut content).await?, Item::Tar(content)),
    };
    let expected = key.as_ref().and_then(|key| diff_ids.get(key)).cloned();
    let archive = Archive::of(item);
    let read = tokio::task::spawn_blocking(move || read(archive, size)).await;
    let (scan, actual) = read.map_err(|panicked| SourceError::Thread(panicked.to_string().into()))??;
    if let Some(expected) = expected.filter(|expected| *expected != actual) {
        return Err(SourceError::Digest { expected, actual });
    }
    let shown = actual.short();
    let scan = match scan {
        Ok(scan) => scan,
        Err(whole) => {
            tracing::warn!("layer {shown} is not split: {whole}");
            return Ok(Found::Whole);
        }
    };
    if let Some(file) = scan.largest {
        let (path, bytes) = (printable(&String::from_utf8_lossy(&file.path), 200), file.size);
        tracing::warn!("`{path}` in layer {shown} has {bytes} bytes, and a file is never split: its part is larger");
    }
    if scan.parts.len() < 2 {
        return Ok(Found::Whole);
    }
    tracing::info!("layer {shown} is split into {} parts", scan.parts.len());
    let layer = SplitLayer { parts: scan.parts, head: (head, size_as_given) };
    Ok(Found::Split(key.unwrap_or(LayerKey::DiffId(actual)), Arc::new(layer)))
}

/// Reads a layer to its end: its parts, or why it has none, and its diff id.
fn read(archive: Archive, size: u64) -> io::Result<(Result<Scan, io::Error>, Digest)> {
    let mut archive = Hashed::new(archive.open()?);
    let scan = match parts::scan(&mut archive, size) {
        Err(error) if !Whole::is_in(&error) => return Err(error),
        scan => scan,
    };
    io::copy(&mut archive, &mut io::sink())?;
    Ok((scan, archive.finish()))
}
