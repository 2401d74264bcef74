//! One layer on its way into a registry, through as many tries as that takes.
//!
//! A try that fails in passing is followed by another one. It goes on where the registry confirms that it has bytes, and
//! otherwise from the first byte on, in a new upload; in both cases the layer is read again, so that nothing of it is kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::body::{blocks, body, forward, settle};
use super::compress::{self, Cores, Stop};
use super::error::PushError;
use super::progress::{Event, Progress};
use super::retry::{Patience, patiently, told};
use crate::distribution::{Error, RepositoryClient, Retry, Upload};
use crate::error::{Explain as _, Kind as ErrorKind};
use crate::flavor::UploadProfile;
use crate::image::{Descriptor, Digest};
use crate::source::{Content, Origin};

/// Where layers go, and how.
#[derive(Clone)]
pub(super) struct Uploader {
    pub(super) repository: RepositoryClient,
    pub(super) profile: UploadProfile,
    pub(super) cores: Cores,
    pub(super) progress: Arc<dyn Progress>,
}

/// What is done to a layer before it is sent.
pub(super) enum Treatment {
    /// It is sent as it is stored.
    Stored(Descriptor),
    /// It is compressed, so that its digest is known, and told to the registry, at the end.
    Compressed,
}

/// A layer in a registry: the digest that its source knows it by, and its blob there.
type Sent = (Digest, Descriptor);

/// A layer between two tries.
struct Shipment {
    layer: usize,
    treatment: Treatment,
    /// Where it can be read again; none if it came by once.
    origin: Option<Origin>,
    /// The upload of the try before.
    upload: Option<Upload>,
    /// What it is, once that is known.
    made: Option<Sent>,
    /// When bytes of it were last on their way.
    moved: Instant,
    /// The most that the registry has confirmed so far.
    confirmed: u64,
    /// Whether bytes were added to those of an earlier try.
    resumed: bool,
    /// Whether the registry is believed to count right.
    counts: bool,
}

impl Uploader {
    /// Sends a layer.
    ///
    /// # Errors
    /// When a try fails for good, or too many fail in passing: then the last one's error. Of a layer that can be read only
    /// once, a first try that fails in passing is the last. Where the registry refuses a blob that is not what its digest
    /// says, that.
    pub(super) async fn send(&self, layer: usize, treatment: Treatment, content: Content) -> Result<Sent, PushError> {
        let origin = content.origin().filter(|_| matches!(treatment, Treatment::Stored(_)));
        let sent = self.send_patiently(layer, treatment, content).await;
        if let (Err(PushError::Distribution(error)), Some(origin)) = (&sent, origin)
            && (error.kind() == ErrorKind::Verification || matches!(error, Error::Length { .. }))
        {
            origin.prove().await?;
        }
        sent
    }

    async fn send_patiently(&self, layer: usize, treatment: Treatment, content: Content) -> Result<Sent, PushError> {
        let made = match &treatment {
            Treatment::Stored(blob) => Some((blob.digest.clone(), blob.clone())),
            Treatment::Compressed => None,
        };
        let mut shipment = Shipment {
            layer,
            treatment,
            origin: content.origin(),
            upload: None,
            made,
            moved: Instant::now(),
            confirmed: 0,
            resumed: false,
            counts: true,
        };
        let mut patience = Patience::new();
        let upload = patiently(|| self.repository.start_upload()).await?;
        let mut tried = self.attempt(&mut shipment, upload, content, 0).await;
        loop {
            let error = match tried {
                Ok((digest, blob)) => {
                    let done = Event::Uploaded { layer, digest: blob.digest.clone(), size: blob.size };
                    self.progress.event(done);
                    return Ok((digest, blob));
                }
                Err(PushError::Distribution(error)) if shipment.may_try_again(&error).await => error,
                Err(error) => return Err(error),
            };
            patience.moved(shipment.moved);
            let can_go_on = shipment.origin.is_some() || shipment.made.is_some();
            let Some(wait) = patience.wait(&error).filter(|_| can_go_on) else { return Err(error.into()) };
            self.progress.event(Event::Again { layer: Some(layer), what: told(&error, wait) });
            tokio::time::sleep(wait).await;
            let confirmed = shipment.confirmed;
            tried = match self.further_attempt(&mut shipment).await {
                Ok(None) => return Err(error.into()),
                Ok(Some(made)) => Ok(made),
                Err(error) => Err(error),
            };
            if shipment.confirmed > confirmed {
                patience = Patience::new();
            }
        }
    }

    /// A try after the first; none if the bytes can't be had again.
    async fn further_attempt(&self, shipment: &mut Shipment) -> Result<Option<Sent>, PushError> {
        // The answer may be all that was lost.
        if let Some((_, blob)) = &shipment.made
            && let Some(head) = self.repository.has_blob(&blob.digest).await?
            && head.size.is_none_or(|size| size == blob.size)
        {
            return Ok(shipment.made.clone());
        }
        let from = shipment.received().await?;
        shipment.confirmed = shipment.confirmed.max(from);
        if let (Some((_, blob)), Some(upload)) = (&shipment.made, &shipment.upload)
            && blob.size == from
        {
            upload.commit(&blob.digest).await?;
            return Ok(shipment.made.clone());
        }
        let Some(origin) = shipment.origin.clone() else { return Ok(None) };
        let upload = match shipment.upload.take() {
            Some(upload) => upload,
            None => self.repository.start_upload().await?,
        };
        self.attempt(shipment, upload, origin.read(), from).await.map(Some)
    }

    /// Sends all bytes from number `from` on, and closes the upload; keeps it for the next try where that fails.
    async fn attempt(
        &self,
        shipment: &mut Shipment,
        mut upload: Upload,
        content: Content,
        from: u64,
    ) -> Result<Sent, PushError> {
        shipment.resumed = from > 0;
        let sent = self.transmit(shipment, &mut upload, content, from).await;
        if sent.is_err() {
            shipment.upload = Some(upload);
        }
        sent
    }

    async fn transmit(
        &self,
        shipment: &mut Shipment,
        upload: &mut Upload,
        content: Content,
        from: u64,
    ) -> Result<Sent, PushError> {
        let layer = shipment.layer;
        self.progress.event(Event::Started { layer, size: content.size });
        let moved = Mutex::new(shipment.moved);
        let read = |bytes| {
            self.progress.event(Event::Read { layer, bytes });
            // Few blocks are read ahead of those that are sent.
            *moved.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        };
        let (sender, blocks) = blocks(from);
        let making = self.make(&shipment.treatment, content, read, sender);
        // One request is enough for a blob whose digest is known, unless its first bytes are there already.
        let whole = shipment.made.as_ref().filter(|_| from == 0 && self.profile.chunk.is_none());
        let (abort, body) = body(blocks);
        let making = abort.watch(making);
        let (made, sent) = match (self.profile.chunk, whole) {
            (Some(chunk), _) => tokio::join!(making, upload.patch_in_chunks(chunk, body)),
            (None, Some((_, blob))) => tokio::join!(making, upload.put(&blob.digest, blob.size, body)),
            (None, None) => tokio::join!(making, upload.patch(body)),
        };
        let is_closed = whole.is_some();
        shipment.moved = moved.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Ok(made) = &made {
            shipment.made = Some(made.clone());
        }
        let made = settle(made, sent.map_err(PushError::from))?;
        if !is_closed {
            upload.commit(&made.1.digest).await?;
        }
        Ok(made)
    }

    /// Reads a layer and makes of it what is sent.
    async fn make(
        &self,
        treatment: &Treatment,
        content: Content,
        read: impl Fn(u64),
        sender: mpsc::Sender<Bytes>,
    ) -> Result<Sent, Stop> {
        match treatment {
            Treatment::Stored(blob) => {
                forward(content, read, sender).await?;
                Ok((blob.digest.clone(), blob.clone()))
            }
            Treatment::Compressed => {
                let compressed = compress::compress(content, &self.cores, read, sender).await?;
                Ok((compressed.diff_id, compressed.blob))
            }
        }
    }
}

impl Shipment {
    /// Whether another try may help against this failure.
    async fn may_try_again(&mut self, error: &Error) -> bool {
        if self.resumed && error.kind() == ErrorKind::Verification {
            // What was added did not fit to what was there, whoever counted wrongly. From the first byte on, nobody counts.
            self.counts = false;
            self.leave_upload().await;
            return true;
        }
        error.retry().is_possible()
    }

    /// How many bytes the registry has of the upload of the try before. It is left if that is none, and the next try begins
    /// with a new one.
    async fn received(&mut self) -> Result<u64, Error> {
        let Some(upload) = &mut self.upload else { return Ok(0) };
        let size = self.made.as_ref().map(|(_, blob)| blob.size);
        match upload.received().await {
            Ok(received) if self.counts && received > 0 && size.is_none_or(|size| received <= size) => Ok(received),
            // That the registry can't be asked now says nothing about the upload.
            Err(error) if matches!(error.retry(), Retry::Later(_)) => Err(error),
            _ => {
                self.leave_upload().await;
                Ok(0)
            }
        }
    }

    async fn leave_upload(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.cancel().await;
        }
    }
}
