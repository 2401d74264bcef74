//! How an attempt goes on after a failure: behind the bytes that the registry has, from the first one, or in chunks.

use super::attempt::{Attempt, Step};
use crate::distribution::{BlobHead, Error, Retry, first_chunk};
use crate::image::Digest;
use crate::push::error::PushError;
use crate::retrying::OPEN_TRIES;

impl Attempt<'_> {
    /// Finds out where to go on.
    pub(super) async fn ask(&mut self, error: PushError) -> Result<Step, PushError> {
        // Perhaps only the answer was lost.
        if let Some(layer) = &self.layer
            && let Some(head) = self.head(&layer.1.digest).await?
            && head.size.is_none_or(|size| size == layer.1.size)
        {
            return Ok(Step::Closed(layer.clone()));
        }
        let from = self.received().await?;
        self.confirmed = self.confirmed.max(from);
        if let Some(layer) = self.layer.clone().filter(|(_, blob)| blob.size == from)
            && let Some(upload) = self.upload.take()
        {
            return Ok(Step::Commit(upload, layer));
        }
        Ok(self.send_again(error, from))
    }

    /// Sends the content again, from byte number `from` on, if it can be read again.
    pub(super) fn send_again(&self, error: PushError, from: u64) -> Step {
        match self.origin {
            Some(_) => Step::Send { from },
            None => Step::GiveUp(error),
        }
    }

    /// Sends the content again in chunks, after the registry, or a proxy before it, refused one request for all of it,
    /// or content in the one that closes the upload.
    pub(super) async fn send_in_chunks(&mut self, error: Error) -> Step {
        let repeatable = self.origin.as_ref().map(|_| self.size);
        let size = self.layer.as_ref().map(|(_, blob)| blob.size).or(repeatable);
        self.uploader.chunk.limit(first_chunk(size.unwrap_or(u64::MAX)));
        self.leave_upload().await;
        tracing::info!("layer {}: sent again in chunks: {error}", self.number);
        self.send_again(error.into(), 0)
    }

    /// What the registry says about a blob, if it does.
    async fn head(&self, digest: &Digest) -> Result<Option<BlobHead>, Error> {
        match self.uploader.repository.has_blob(digest).await {
            Err(error) if error.leaves_open() => Ok(None),
            head => head,
        }
    }

    /// The bytes that the registry has of the open upload. If there are none, the upload is left.
    async fn received(&mut self) -> Result<u64, Error> {
        let Some(upload) = &mut self.upload else { return Ok(0) };
        let size = self.layer.as_ref().map(|(_, blob)| blob.size);
        match upload.received().await {
            Ok(received) if self.trusts_offset && received > 0 && size.is_none_or(|size| received <= size) => {
                self.unanswered = 0;
                Ok(received)
            }
            // A registry that can't be asked now may still have the upload.
            Err(error) if matches!(error.retry(), Retry::Later(_)) && self.may_ask_again(&error) => Err(error),
            _ => {
                self.leave_upload().await;
                Ok(0)
            }
        }
    }

    /// Whether to ask for the state of the upload once more after this failure. Some registries never answer that.
    fn may_ask_again(&mut self, error: &Error) -> bool {
        self.unanswered += usize::from(error.leaves_open());
        self.unanswered <= OPEN_TRIES
    }

    /// Leaves the open upload, if there is one.
    pub(super) async fn leave_upload(&mut self) {
        self.unanswered = 0;
        if let Some(upload) = self.upload.take() {
            upload.cancel().await;
        }
    }
}
