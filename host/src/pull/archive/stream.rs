//! An archive as a stream of blocks: each blob is passed on while it comes from the registry.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use super::documents::{self, OCI_LAYOUT, path_of};
use super::kept::Kept;
use super::tar;
use crate::image::{Descriptor, Digest, Hasher};
use crate::pull::contents::Contents;
use crate::pull::error::PullError;
use crate::pull::layout::ImageNames;
use crate::push::{Event, Progress};
use crate::remote::Blobs;
use crate::source::{Content, SourceError};

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
    /// What came behind this number of bytes is not what it should be, and is to be dropped.
    Back(u64),
    /// The end of the whole archive.
    End,
}

/// The end that an archive is written to.
pub(in crate::pull) type Parts = mpsc::Sender<Part>;

/// Why an archive was not written to its end.
enum Stop {
    /// Its reader has gone away, and tells why.
    ReaderGone,
    /// A blob can't be read, or is not what its digest says.
    Blob(SourceError),
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        Self::Blob(error)
    }
}

/// Writes an archive to its end, but for what its reader has kept of it. A reader that has gone away is no failure of
/// this side.
///
/// # Errors
/// If a blob can't be read, or is not what its digest says.
pub(in crate::pull) async fn write(
    archive: &Archive<'_>,
    blobs: &Blobs,
    progress: &Arc<dyn Progress>,
    kept: Kept,
    parts: Parts,
) -> Result<(), PullError> {
    let mut writer = Writer { blobs, progress, parts, offset: kept.offset };
    match writer.write(archive, kept).await {
        Ok(()) | Err(Stop::ReaderGone) => Ok(()),
        Err(Stop::Blob(error)) => Err(error.into()),
    }
}

/// The side that sends.
struct Writer<'a> {
    blobs: &'a Blobs,
    progress: &'a Arc<dyn Progress>,
    parts: Parts,
    /// Bytes of the archive so far.
    offset: u64,
}

impl Writer<'_> {
    async fn write(&mut self, archive: &Archive<'_>, kept: Kept) -> Result<(), Stop> {
        if kept.offset == 0 {
            for block in archive.head() {
                self.send(block).await?;
            }
        }
        let mut waiting: VecDeque<&Descriptor> = archive.sent_layers().collect();
        let mut opened: VecDeque<(&Descriptor, Content)> = VecDeque::new();
        let mut number = 0;
        if let (Some((bytes, hasher)), Some(layer)) = (kept.begun, waiting.front().copied()) {
            number += 1;
            self.started(number, layer);
            if self.rest(layer, number, bytes, hasher).await? {
                waiting.pop_front();
                self.ended(number, layer).await?;
            } else {
                // What an earlier pull left may be damaged, such as by a power cut.
                tracing::info!("blob {} is received again from its first byte", layer.digest);
                number -= 1;
            }
        }
        loop {
            while opened.len() < OPENED_AHEAD
                && let Some(layer) = waiting.pop_front()
            {
                opened.push_back((layer, self.blobs.origin(layer).read()));
            }
            let Some((layer, content)) = opened.pop_front() else { break };
            number += 1;
            self.started(number, layer);
            self.whole(layer, number, content).await?;
            self.ended(number, layer).await?;
        }
        self.send(tar::end()).await?;
        let _ = self.parts.send(Part::End).await;
        Ok(())
    }

    /// Sends a layer with its header.
    async fn whole(&mut self, layer: &Descriptor, number: usize, mut content: Content) -> Result<(), Stop> {
        let start = self.offset;
        self.send(tar::file(&path_of(&layer.digest), layer.size)).await?;
        let mut bytes = 0;
        while let Some(block) = content.next().await {
            let block = match block {
                Ok(block) => block,
                Err(error) => {
                    if matches!(error, SourceError::Digest { .. } | SourceError::Size { .. }) {
                        self.back(start).await;
                    }
                    return Err(error.into());
                }
            };
            bytes += block.len() as u64;
            self.send(block).await?;
            self.progress.event(Event::Received { layer: number, bytes });
        }
        Ok(())
    }

    /// Sends what is missing of a layer whose first bytes the reader has, and gives whether all together are the layer.
    /// If not, the reader drops it with its header.
    async fn rest(
        &mut self,
        layer: &Descriptor,
        number: usize,
        mut bytes: u64,
        mut hasher: Hasher,
    ) -> Result<bool, Stop> {
        let header = tar::file(&path_of(&layer.digest), layer.size).len() as u64;
        let start = self.offset.saturating_sub(bytes).saturating_sub(header);
        self.progress.event(Event::Received { layer: number, bytes });
        let mut stream = self.blobs.stream(layer, bytes);
        while let Some(block) = stream.next().await {
            let block = block?;
            hasher.update(&block);
            bytes += block.len() as u64;
            self.send(block).await?;
            self.progress.event(Event::Received { layer: number, bytes });
        }
        let is_whole = hasher.finish() == layer.digest;
        if !is_whole {
            self.back(start).await;
        }
        Ok(is_whole)
    }

    fn started(&self, number: usize, layer: &Descriptor) {
        let (digest, size) = (Some(layer.digest.clone()), layer.size);
        self.progress.event(Event::Started { layer: number, size, digest });
    }

    async fn ended(&mut self, number: usize, layer: &Descriptor) -> Result<(), Stop> {
        self.send(tar::padding(layer.size)).await?;
        let (digest, size) = (layer.digest.clone(), layer.size);
        self.progress.event(Event::Stored { layer: number, digest, size });
        Ok(())
    }

    async fn send(&mut self, block: Bytes) -> Result<(), Stop> {
        if block.is_empty() {
            return Ok(());
        }
        self.offset += block.len() as u64;
        self.parts.send(Part::Block(block)).await.map_err(|_| Stop::ReaderGone)
    }

    async fn back(&mut self, offset: u64) {
        self.offset = offset;
        // A reader that has gone away drops nothing.
        let _ = self.parts.send(Part::Back(offset)).await;
    }
}

impl Archive<'_> {
    /// Everything before the layers.
    pub(in crate::pull) fn head(&self) -> Vec<Bytes> {
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

    /// The layers that it holds.
    fn sent_layers(&self) -> impl Iterator<Item = &Descriptor> {
        self.contents.layers.iter().filter(|layer| !self.without.contains(&layer.digest))
    }

    /// Bytes of the layers that it holds.
    pub(in crate::pull) fn layer_bytes(&self) -> u64 {
        self.sent_layers().map(|layer| layer.size).fold(0, u64::saturating_add)
    }

    /// The number of the layers that it holds.
    pub(in crate::pull) fn layers(&self) -> usize {
        self.sent_layers().count()
    }
}
