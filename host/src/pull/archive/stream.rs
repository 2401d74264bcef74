//! An archive as a stream of blocks: each blob is passed on while it comes from the registry.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::documents::{self, OCI_LAYOUT, path_of};
use super::tar;
use crate::image::{Descriptor, Digest};
use crate::pull::contents::Contents;
use crate::pull::error::PullError;
use crate::pull::layout::ImageNames;
use crate::push::{Event, Progress};
use crate::remote::Blobs;
use crate::source::Content;

/// Blobs that are opened while the one before them is passed on, so that their first bytes wait here and not for an
/// answer. Each holds few blocks.
const OPENED_AHEAD: usize = 3;

/// What goes into an archive.
pub(in crate::pull) struct Archive<'a> {
    /// The image.
    pub(in crate::pull) contents: &'a Contents,
    /// Its names.
    pub(in crate::pull) names: &'a ImageNames,
    /// Layers that are left out, since the archive's reader has them.
    pub(in crate::pull) without: HashSet<Digest>,
}

/// A part of an archive's stream. One that ends without [`Part::End`] is not whole, and no reader takes it for that:
/// its writer has failed, or was interrupted.
#[derive(Debug)]
pub(in crate::pull) enum Part {
    /// The next bytes.
    Block(Bytes),
    /// The end of the whole archive.
    End,
}

/// The end that an archive is written to.
pub(in crate::pull) type Parts = mpsc::Sender<Part>;

/// The reader of an archive has gone away, and tells why.
struct ReaderGone;

/// Writes an archive to its end. A reader that has gone away is no failure of this side.
///
/// # Errors
/// If a blob can't be read, or is not what its digest says.
pub(in crate::pull) async fn write(
    archive: &Archive<'_>,
    blobs: &Blobs,
    progress: &Arc<dyn Progress>,
    parts: Parts,
) -> Result<(), PullError> {
    if archive.send(blobs, progress, &parts).await?.is_ok() {
        let _ = parts.send(Part::End).await;
    }
    Ok(())
}

impl Archive<'_> {
    async fn send(
        &self,
        blobs: &Blobs,
        progress: &Arc<dyn Progress>,
        parts: &Parts,
    ) -> Result<Result<(), ReaderGone>, PullError> {
        let send = async |block: Bytes| match block.is_empty() {
            true => Ok(()),
            false => parts.send(Part::Block(block)).await.map_err(|_| ReaderGone),
        };
        for block in self.head() {
            if send(block).await.is_err() {
                return Ok(Err(ReaderGone));
            }
        }
        let mut waiting: VecDeque<&Descriptor> =
            self.contents.layers.iter().filter(|layer| !self.without.contains(&layer.digest)).collect();
        let mut opened: VecDeque<(&Descriptor, Content)> = VecDeque::new();
        let mut number = 0;
        loop {
            while opened.len() < OPENED_AHEAD
                && let Some(layer) = waiting.pop_front()
            {
                opened.push_back((layer, blobs.origin(layer).read()));
            }
            let Some((layer, mut content)) = opened.pop_front() else { break };
            number += 1;
            let (digest, size) = (layer.digest.clone(), layer.size);
            progress.event(Event::Started { layer: number, size, digest: Some(digest.clone()) });
            if send(tar::file(&path_of(&digest), size)).await.is_err() {
                return Ok(Err(ReaderGone));
            }
            let mut bytes = 0;
            while let Some(block) = content.next().await {
                let block = block?;
                bytes += block.len() as u64;
                if send(block).await.is_err() {
                    return Ok(Err(ReaderGone));
                }
                progress.event(Event::Received { layer: number, bytes });
            }
            if send(tar::padding(size)).await.is_err() {
                return Ok(Err(ReaderGone));
            }
            progress.event(Event::Stored { layer: number, digest, size });
        }
        Ok(send(tar::end()).await)
    }

    /// Everything before the layers.
    fn head(&self) -> Vec<Bytes> {
        let Self { contents, names, .. } = self;
        let mut head = vec![tar::directory("blobs/"), tar::directory("blobs/sha256/")];
        let mut file = |path: &str, bytes: Bytes| {
            let size = bytes.len() as u64;
            head.extend([tar::file(path, size), bytes, tar::padding(size)]);
        };
        file("oci-layout", Bytes::from_static(OCI_LAYOUT));
        file("index.json", documents::index(&contents.root, names).into());
        if let Some(image) = &contents.docker {
            file("manifest.json", documents::manifest(image, names).into());
        }
        for (digest, bytes) in &contents.documents {
            file(&path_of(digest), bytes.clone());
        }
        head
    }

    /// Bytes of the layers that it holds.
    pub(in crate::pull) fn layer_bytes(&self) -> u64 {
        let held = self.contents.layers.iter().filter(|layer| !self.without.contains(&layer.digest));
        held.map(|layer| layer.size).fold(0, u64::saturating_add)
    }

    /// The number of the layers that it holds.
    pub(in crate::pull) fn layers(&self) -> usize {
        self.contents.layers.iter().filter(|layer| !self.without.contains(&layer.digest)).count()
    }
}
