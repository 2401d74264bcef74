//! One layer on its way into a registry.

use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tokio::sync::mpsc;

use super::compress::{self, Compressed, Cores, Stop};
use super::error::PushError;
use super::progress::{Event, Progress};
use super::retry::patiently;
use crate::distribution::{RepositoryClient, Upload};
use crate::flavor::UploadProfile;
use crate::image::Descriptor;
use crate::source::{Content, SourceError};

/// Where layers go, and how.
#[derive(Clone)]
pub(super) struct Uploader {
    pub(super) repository: RepositoryClient,
    pub(super) profile: UploadProfile,
    pub(super) cores: Cores,
    pub(super) progress: Arc<dyn Progress>,
}

/// Blocks that wait for the network.
const BLOCKS_AHEAD: usize = 2;

impl Uploader {
    /// Sends a blob as it is stored.
    pub(super) async fn blob(&self, layer: usize, blob: &Descriptor, content: Content) -> Result<(), PushError> {
        self.progress.event(Event::Started { layer, size: content.size });
        let mut upload = patiently(|| self.repository.start_upload()).await?;
        let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
        let reading = forward(content, |bytes| self.progress.event(Event::Read { layer, bytes }), sender);
        match self.profile.chunk {
            None => {
                let (abort, body) = body(receiver);
                let sending = upload.put(&blob.digest, blob.size, body);
                let (read, sent) = tokio::join!(abort.watch(reading), sending);
                if let Err(error) = settle(read, sent.map_err(PushError::from)) {
                    upload.cancel().await;
                    return Err(error);
                }
            }
            Some(chunk) => {
                let (read, sent) = tokio::join!(reading, in_chunks(&mut upload, chunk, receiver));
                finish(upload, settle(read, sent), |()| blob.digest.clone()).await?;
            }
        }
        self.progress.event(Event::Uploaded { layer, digest: blob.digest.clone(), size: blob.size });
        Ok(())
    }

    /// Compresses a layer and sends it; its digest is known, and told to the registry, at the end.
    pub(super) async fn tar(&self, layer: usize, content: Content) -> Result<Compressed, PushError> {
        self.progress.event(Event::Started { layer, size: content.size });
        let mut upload = patiently(|| self.repository.start_upload()).await?;
        let (sender, receiver) = mpsc::channel(BLOCKS_AHEAD);
        let read = |bytes| self.progress.event(Event::Read { layer, bytes });
        let compressing = compress::compress(content, &self.cores, read, sender);
        let (compressed, sent) = match self.profile.chunk {
            None => {
                let (abort, body) = body(receiver);
                let (compressed, sent) = tokio::join!(abort.watch(compressing), upload.patch(body));
                (compressed, sent.map_err(PushError::from))
            }
            Some(chunk) => tokio::join!(compressing, in_chunks(&mut upload, chunk, receiver)),
        };
        let compressed =
            finish(upload, settle(compressed, sent), |compressed: &Compressed| compressed.blob.digest.clone()).await?;
        let Descriptor { digest, size, .. } = compressed.blob.clone();
        self.progress.event(Event::Uploaded { layer, digest, size });
        Ok(compressed)
    }
}

/// Passes a layer's blocks on as they are.
async fn forward(mut content: Content, read: impl Fn(u64), sender: mpsc::Sender<Bytes>) -> Result<(), Stop> {
    while let Some(block) = content.next().await {
        let block = block.map_err(Stop::Source)?;
        read(block.len() as u64);
        sender.send(block).await.map_err(|_| Stop::Unheard)?;
    }
    Ok(())
}

/// Breaks a request's body off when its source fails: a body that just ended could be taken for a whole one.
struct Abort(mpsc::Sender<()>);

impl Abort {
    async fn watch<T>(self, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        let result = work.await;
        if result.is_err() {
            let _ = self.0.send(()).await;
        }
        result
    }
}

fn body(
    blocks: mpsc::Receiver<Bytes>,
) -> (Abort, impl futures_util::Stream<Item = io::Result<Bytes>> + Send + 'static) {
    let (sender, failed) = mpsc::channel(1);
    let body = stream::unfold((blocks, failed), |(mut blocks, mut failed)| async move {
        match blocks.recv().await {
            Some(block) => Some((Ok(block), (blocks, failed))),
            // No more blocks: the source has either said that it failed, or let go of both ends.
            None => {
                let failure = failed.recv().await;
                failure.map(|()| (Err(io::Error::other("the source failed")), (blocks, failed)))
            }
        }
    });
    (Abort(sender), body)
}

/// Sends blocks in chunks of exactly `size` bytes, the last one shorter.
async fn in_chunks(upload: &mut Upload, size: u64, mut blocks: mpsc::Receiver<Bytes>) -> Result<(), PushError> {
    // Bounded by the flavor limits, far below the address space.
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut chunk = BytesMut::new();
    let mut sent = 0;
    while let Some(block) = blocks.recv().await {
        chunk.extend_from_slice(&block);
        while chunk.len() >= size {
            send_chunk(upload, &mut sent, chunk.split_to(size).freeze()).await?;
        }
    }
    if chunk.is_empty() { Ok(()) } else { send_chunk(upload, &mut sent, chunk.freeze()).await }
}

/// Some registries answer with success and drop a chunk: what they say they have is compared with what was sent.
async fn send_chunk(upload: &mut Upload, sent: &mut u64, chunk: Bytes) -> Result<(), PushError> {
    *sent += chunk.len() as u64;
    let received = upload.patch_chunk(chunk).await?;
    if received == *sent { Ok(()) } else { Err(PushError::Chunk { sent: *sent, received }) }
}

/// Commits an upload whose bytes are all there, or takes it back.
async fn finish<T>(
    upload: Upload,
    result: Result<T, PushError>,
    digest: impl Fn(&T) -> crate::image::Digest,
) -> Result<T, PushError> {
    match result {
        Ok(value) => {
            upload.commit(&digest(&value)).await?;
            Ok(value)
        }
        Err(error) => {
            upload.cancel().await;
            Err(error)
        }
    }
}

/// Of a failing source and a failing registry, whichever was the cause: a source that stopped because nobody listened was not.
fn settle<T>(read: Result<T, Stop>, sent: Result<(), PushError>) -> Result<T, PushError> {
    match (read, sent) {
        (Err(Stop::Source(error)), _) => Err(error.into()),
        (_, Err(error)) => Err(error),
        (Ok(value), Ok(())) => Ok(value),
        (Err(Stop::Unheard), Ok(())) => Err(SourceError::Thread("nobody took the bytes".to_owned()).into()),
    }
}
