//! Blobs from a registry into a layout, several at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::mpsc;

use super::directory::LayoutDirectory;
use super::partial::{POLL, Partial};
use crate::image::{Descriptor, Digest};
use crate::pull::blocking::blocking;
use crate::pull::error::PullError;
use crate::pull::report::Outcome;
use crate::push::{Event, Progress};
use crate::remote::Blobs;
use crate::source::SourceError;
use crate::waiting::waiting_for;

/// Blobs that come at once: as many as skopeo takes. Small ones wait for answers, large ones share the line.
const AT_ONCE: usize = 6;

/// Blocks that wait for the disk, for each blob: with the largest blocks, ranges of 2 MiB, 36 MiB for six blobs.
const BLOCKS_AHEAD: usize = 3;

/// The blobs of one pull.
pub(in crate::pull) struct Downloads<'a> {
    /// The layout.
    pub(in crate::pull) layout: &'a LayoutDirectory,
    /// The registry's blobs.
    pub(in crate::pull) blobs: &'a Blobs,
    /// Blobs that come at once, if the user says so.
    pub(in crate::pull) jobs: Option<usize>,
    /// Receives the events.
    pub(in crate::pull) progress: &'a Arc<dyn Progress>,
}

impl Downloads<'_> {
    /// Stores layers that the layout lacks, and gives the outcome of each, in their order.
    ///
    /// # Errors
    /// The first failure. Blobs that are whole by then stay, and parts are taken up by the next pull.
    pub(in crate::pull) async fn run(&self, layers: &[Descriptor]) -> Result<Vec<Outcome>, PullError> {
        let number = AtomicUsize::new(0);
        let mut order: Vec<(usize, &Descriptor)> = layers.iter().enumerate().collect();
        // None is left to come alone at the end.
        order.sort_by_key(|(_, layer)| std::cmp::Reverse(layer.size));
        let one = |(index, layer)| {
            let number = &number;
            async move {
                let started = || number.fetch_add(1, Ordering::Relaxed) + 1;
                fetch(self.layout, layer, self.blobs, self.progress, started).await.map(|outcome| (index, outcome))
            }
        };
        let at_once = self.jobs.unwrap_or(AT_ONCE);
        let mut done: Vec<(usize, Outcome)> =
            stream::iter(order.into_iter().map(one)).buffer_unordered(at_once).try_collect().await?;
        done.sort_by_key(|(index, _)| *index);
        Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
    }
}

/// Stores one blob, unless it is there. `started` gives the number of a blob that is received.
///
/// # Errors
/// If it can't be read or written, or is not what its digest says.
pub(in crate::pull) async fn fetch(
    layout: &LayoutDirectory,
    blob: &Descriptor,
    blobs: &Blobs,
    progress: &Arc<dyn Progress>,
    started: impl Fn() -> usize,
) -> Result<Outcome, PullError> {
    let present = || {
        progress.event(Event::Present { digest: blob.digest.clone(), size: blob.size });
        Ok(Outcome::Present)
    };
    let mut waiting = None;
    let partial = loop {
        if has(layout, blob).await? {
            return present();
        }
        if let Some(partial) = lock(layout, blob)? {
            break partial;
        }
        waiting.get_or_insert_with(|| waiting_for("another pull of the same layer"));
        tokio::time::sleep(POLL).await;
    };
    drop(waiting);
    // The process that had it may have ended in the moment before.
    if layout.seems_to_have(&blob.digest, blob.size) && has(layout, blob).await? {
        partial.remove();
        return present();
    }
    receive(layout, blob, blobs, progress, started(), partial).await?;
    Ok(Outcome::Pulled)
}

/// Receives a blob into its partial file, and moves it to its place.
async fn receive(
    layout: &LayoutDirectory,
    blob: &Descriptor,
    blobs: &Blobs,
    progress: &Arc<dyn Progress>,
    number: usize,
    mut partial: Partial,
) -> Result<(), PullError> {
    let target = layout.blob(&blob.digest);
    let failed = |reason: io::Error| PullError::write(&target, reason);
    let started = || Event::Started { layer: number, size: blob.size, digest: Some(blob.digest.clone()) };
    progress.event(started());
    let (size, shown) = (blob.size, Arc::clone(progress));
    let taken = blocking(move || {
        let read = |bytes| shown.event(Event::Received { layer: number, bytes });
        partial.take_up(size, &read).map(|at| (partial, at))
    });
    let (mut partial, mut at) = taken.await?.map_err(failed)?;
    loop {
        let (back, written) = write(blob, blobs, progress, number, partial, at).await?;
        partial = back;
        if let Err(reason) = written {
            // A part that can't be added to helps no one while the disk is full.
            match reason.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => partial.remove(),
                _ => drop(partial),
            }
            return Err(failed(reason));
        }
        let actual = partial.digest();
        if actual == blob.digest {
            let (layout, digest, size) = (layout.clone(), blob.digest.clone(), blob.size);
            blocking(move || layout.place(partial, &digest, size)).await??;
            progress.event(Event::Stored { layer: number, digest: blob.digest.clone(), size: blob.size });
            return Ok(());
        }
        if at == 0 {
            partial.remove();
            return Err(SourceError::Digest { expected: blob.digest.clone(), actual }.into());
        }
        // What an earlier pull left may be damaged, such as by a power cut.
        tracing::info!("blob {} is received again from its first byte", blob.digest);
        partial.restart().map_err(failed)?;
        at = 0;
        progress.event(started());
    }
}

/// Adds the bytes from number `at` on. Gives the file back, with the failure if it can't be written.
async fn write(
    blob: &Descriptor,
    blobs: &Blobs,
    progress: &Arc<dyn Progress>,
    number: usize,
    mut partial: Partial,
    at: u64,
) -> Result<(Partial, io::Result<()>), PullError> {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(BLOCKS_AHEAD);
    // Hashing and writing have a thread of their own, so that the next blocks arrive meanwhile.
    let writing = blocking(move || {
        let mut written = Ok(());
        while let Some(block) = receiver.blocking_recv() {
            written = partial.write(&block);
            if written.is_err() {
                break;
            }
        }
        (partial, written)
    });
    let receiving = async move {
        let (mut stream, mut at) = (blobs.stream(blob, at), at);
        while let Some(block) = stream.next().await {
            let block = block?;
            at += block.len() as u64;
            // The writer has ended, and tells why.
            if sender.send(block).await.is_err() {
                break;
            }
            progress.event(Event::Received { layer: number, bytes: at });
        }
        Ok::<(), SourceError>(())
    };
    let (written, received) = tokio::join!(writing, receiving);
    let written = written?;
    if written.1.is_ok() {
        received?;
    }
    Ok(written)
}

async fn has(layout: &LayoutDirectory, blob: &Descriptor) -> Result<bool, PullError> {
    let (layout, digest, size): (LayoutDirectory, Digest, u64) = (layout.clone(), blob.digest.clone(), blob.size);
    blocking(move || layout.has(&digest, size)).await
}

fn lock(layout: &LayoutDirectory, blob: &Descriptor) -> Result<Option<Partial>, PullError> {
    Partial::lock(layout.path(), &blob.digest).map_err(|reason| PullError::write(layout.path(), reason))
}
