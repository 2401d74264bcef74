//! The upload of one layer as a state machine, through as many tries as it takes:
//!
//! ```text
//!            ┌────────────────────────────┐
//!            ▼                            │ bytes are missing
//! begin ─► Send ──────► Commit ──► Closed │
//!            │  one PUT closes, too  ▲    │
//!            │               │       │    │
//!            └─ a temporary failure ─► Ask┘ all bytes are there
//! ```
//!
//! After a failure the registry is asked for the bytes that it has confirmed. Sending goes on behind them, or in a new
//! upload from the first byte on. In both cases the layer is read again, so that nothing of it is kept. The first try
//! may share its reading with other registries, the further ones have readings of their own.

use std::time::Instant;

use super::encoder::{Encoding, Reading};
use super::shared_feed::{Layer, Turn};
use super::slots::Slot;
use super::transmission::{Form, Transmission};
use super::uploader::Uploader;
use crate::distribution::{Error, Retry, Upload};
use crate::error::{Explain as _, Kind};
use crate::push::block_channel::settle;
use crate::push::error::PushError;
use crate::push::fan_out::EncodedLayer;
use crate::push::progress::Event;
use crate::push::sizes;
use crate::push::too_large::TooLarge;
use crate::retrying::{Backoff, describe, told_before};
use crate::source::{LayerKey, Origin};

/// The next step of an upload.
pub(super) enum Step {
    /// Open the upload.
    Open,
    /// Send the content from byte number `from` on: the bytes that the registry has of the open upload, 0 for a new
    /// one.
    Send {
        /// That number.
        from: u64,
    },
    /// Close the upload, which has all bytes of the layer.
    Commit(Upload, EncodedLayer),
    /// Ask the registry for the bytes that it has, after this failure.
    Ask(PushError),
    /// Done: the registry has the blob.
    Closed(EncodedLayer),
    /// Give up: the content can't be read again.
    GiveUp(PushError),
}

/// One layer on its way.
pub(super) struct Attempt<'a> {
    pub(super) uploader: &'a Uploader,
    pub(super) number: usize,
    pub(super) encoding: Encoding,
    /// Bytes of the content.
    pub(super) size: u64,
    /// Reads the content again; `None` if it can be read only once.
    pub(super) origin: Option<Origin>,
    /// The reading of the first try, until that begins.
    pub(super) reading: Option<Reading>,
    /// The place among the layers that are sent to the registry at once.
    pub(super) slot: Option<Slot>,
    /// When readings for this registry alone may begin.
    pub(super) turn: Turn,
    /// The open upload.
    pub(super) upload: Option<Upload>,
    /// The layer's blob, once it is known.
    pub(super) layer: Option<EncodedLayer>,
    /// The time at which bytes of it were last on their way.
    pub(super) moved: Instant,
    /// The most bytes that the registry has confirmed so far.
    pub(super) confirmed: u64,
    /// The number of the byte from which on the last try sent: more than 0 if it added to an earlier one.
    pub(super) from: u64,
    /// Whether the last try sent all bytes in one request.
    pub(super) whole: bool,
    /// False where the registry counts wrongly, and once a resumed upload failed verification: tries start at byte 0.
    pub(super) trusts_offset: bool,
    /// How often in a row the registry did not tell what it has of the open upload.
    pub(super) unanswered: usize,
}

/// Sends a layer, which the events call by its number.
///
/// # Errors
/// The last try's error. A layer that is read only once has one try. If the registry rejects the digest, the local file
/// is hashed, and a mismatch there is returned instead, since it is the cause.
pub(super) async fn send(uploader: &Uploader, number: usize, layer: Layer) -> Result<EncodedLayer, PushError> {
    let unverified = layer.origin.clone().filter(|_| matches!(layer.encoding, Encoding::AsIs(_)));
    let (key, size) = match &layer.encoding {
        Encoding::AsIs(blob) => (Some(LayerKey::Blob(blob.digest.clone())), Some(blob.size)),
        Encoding::Compress => (layer.origin.as_ref().map(|origin| LayerKey::DiffId(origin.expected().clone())), None),
    };
    let sent = Attempt::new(uploader, number, layer).run().await;
    if let (Err(PushError::Distribution(error)), Some(origin)) = (&sent, unverified)
        && (error.kind() == Kind::Verification || matches!(error, Error::Length { .. }))
    {
        origin.verify().await?;
    }
    sent.map_err(|error| sizes::of_refusal(error, key, size, uploader.repository.host()))
}

impl<'a> Attempt<'a> {
    fn new(uploader: &'a Uploader, number: usize, layer: Layer) -> Self {
        let Layer { encoding, size, origin, shared, turn } = layer;
        let (reading, slot) = shared.unzip();
        let layer = match &encoding {
            Encoding::AsIs(blob) => Some((LayerKey::Blob(blob.digest.clone()), blob.clone())),
            Encoding::Compress => None,
        };
        Self {
            uploader,
            number,
            encoding,
            size,
            origin,
            reading,
            slot,
            turn,
            upload: None,
            layer,
            moved: Instant::now(),
            confirmed: 0,
            from: 0,
            whole: true,
            trusts_offset: uploader.profile.range,
            unanswered: 0,
        }
    }

    /// Goes from step to step until the blob is in the registry.
    ///
    /// # Errors
    /// A failure for good, or the last one of too many temporary ones without progress.
    async fn run(mut self) -> Result<EncodedLayer, PushError> {
        if let Some(layer) = &self.layer {
            self.check_size(layer)?;
        }
        let (mut backoff, mut confirmed) = (Backoff::new(), 0);
        let mut step = match self.can_leave() {
            true => Step::Open,
            false => {
                self.open().await?;
                Step::Send { from: 0 }
            }
        };
        loop {
            let next = match step {
                Step::Open => self.open().await.map(|()| Step::Send { from: 0 }),
                Step::Send { from } => self.send(from).await,
                Step::Commit(upload, layer) => self.commit(upload, layer).await,
                Step::Ask(error) => self.ask(error).await,
                Step::Closed((key, blob)) => {
                    let (layer, digest, size) = (self.number, blob.digest.clone(), blob.size);
                    self.uploader.progress.event(Event::Uploaded { layer, digest, size });
                    return Ok((key, blob));
                }
                Step::GiveUp(error) => return Err(error),
            };
            step = match next {
                Ok(next) => next,
                Err(PushError::Distribution(error)) if error.retry() == Retry::Elsewhere => {
                    self.send_again(error.into(), self.from)
                }
                // Once: further tries send chunks.
                Err(PushError::Distribution(error)) if error.may_pass_in_chunks() && self.whole => {
                    self.send_in_chunks(error).await
                }
                Err(PushError::Distribution(error)) => {
                    if self.confirmed > confirmed {
                        (backoff, confirmed) = (Backoff::new(), self.confirmed);
                    }
                    match self.wait_after(&error, &mut backoff).await {
                        true => Step::Ask(error.into()),
                        false => Step::GiveUp(error.into()),
                    }
                }
                Err(error @ PushError::Behind) => {
                    self.leave_the_others();
                    tracing::info!("layer {}: read again for `{}`", self.number, self.uploader.repository.host());
                    Step::Ask(error)
                }
                Err(error) => return Err(error),
            };
        }
    }

    /// Sends the bytes from number `from` on.
    async fn send(&mut self, from: u64) -> Result<Step, PushError> {
        let Some(reading) = self.read().await else { return Err(PushError::Behind) };
        let mut upload = match self.upload.take() {
            Some(upload) => upload,
            None => self.uploader.repository.start_upload().await?,
        };
        self.from = from;
        self.whole = self.uploader.chunk.get().is_none();
        match self.transmit(&mut upload, reading, from).await {
            Ok((layer, true)) => Ok(Step::Closed(layer)),
            Ok((layer, false)) => match self.check_size(&layer) {
                Ok(()) => Ok(Step::Commit(upload, layer)),
                // Known only now that it is compressed.
                Err(error) => {
                    upload.cancel().await;
                    Err(error)
                }
            },
            Err(error) => {
                self.upload = Some(upload);
                Err(error)
            }
        }
    }

    /// Sends bytes in one request or in chunks. Gives the layer, and whether the request has closed the upload.
    async fn transmit(
        &mut self,
        upload: &mut Upload,
        reading: Reading,
        from: u64,
    ) -> Result<(EncodedLayer, bool), PushError> {
        // One request is enough for a blob whose digest is known, unless its first bytes are there already.
        let chunk = self.uploader.chunk.get();
        let whole = self.layer.as_ref().map(|(_, blob)| blob).filter(|_| from == 0 && chunk.is_none());
        let is_closed = whole.is_some();
        let transmission = Transmission {
            uploader: self.uploader,
            number: self.number,
            is_compressed: matches!(self.encoding, Encoding::Compress),
            digest: self.layer.as_ref().map(|(_, blob)| blob.digest.clone()),
            form: match (chunk, whole) {
                (Some(size), _) => Form::Chunks(size),
                (None, Some(blob)) => Form::Whole(blob),
                (None, None) => Form::Open,
            },
        };
        let sent = transmission.run(upload, reading, from, &mut self.moved).await;
        if let Ok(layer) = &sent.encoded {
            self.layer = Some(layer.clone());
        }
        Ok((settle(sent.encoded, sent.answer.map_err(PushError::from))?, is_closed))
    }

    /// Refuses a layer that is larger than the registry takes.
    fn check_size(&self, (key, blob): &EncodedLayer) -> Result<(), PushError> {
        let Uploader { profile, repository, .. } = self.uploader;
        match TooLarge::for_profile(key, blob.size, profile, repository.host()) {
            Some(found) => Err(PushError::TooLarge(Box::new(found))),
            None => Ok(()),
        }
    }

    /// Closes the upload.
    async fn commit(&mut self, mut upload: Upload, layer: EncodedLayer) -> Result<Step, PushError> {
        let committed = upload.commit(&layer.1.digest).await;
        if committed.is_err() {
            self.upload = Some(upload);
        }
        Ok(committed.map(|()| Step::Closed(layer))?)
    }

    /// Waits before the next try; `false` if there is none.
    async fn wait_after(&mut self, error: &Error, backoff: &mut Backoff) -> bool {
        if self.from > 0 && error.kind() == Kind::Verification {
            // The offset was wrong on one side. Restart from 0, where no offset is needed.
            self.trusts_offset = false;
            self.leave_upload().await;
        } else if !error.retry().is_possible() {
            return false;
        }
        backoff.progressed(self.moved);
        // An upload whose content is gone can still be closed, if its digest is known.
        let can_go_on = self.origin.is_some() || self.layer.is_some();
        self.leave_the_others();
        let Some(wait) = backoff.next(error).filter(|_| can_go_on) else {
            if can_go_on {
                backoff.gave_up();
            }
            return false;
        };
        let (what, is_told) = (describe(error, wait).into(), told_before(error));
        self.uploader.progress.event(Event::Again { layer: Some(self.number), what, is_told });
        tokio::time::sleep(wait).await;
        true
    }
}
