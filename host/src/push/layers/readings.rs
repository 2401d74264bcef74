//! The readings of an attempt: the first one, which other registries may share, and those for itself.

use super::attempt::Attempt;
use super::encoder::Reading;
use super::uploader::Uploader;
use crate::push::error::PushError;
use crate::retrying::retry;

impl Attempt<'_> {
    /// Opens the upload of a first try that has its bytes already.
    pub(super) async fn open(&mut self) -> Result<(), PushError> {
        let repository = &self.uploader.repository;
        if self.reading.is_some() {
            self.upload = Some(match self.can_leave() {
                // The other registries don't wait until this one can be asked again.
                true => repository.start_upload().await?,
                false => retry(|| repository.start_upload()).await?,
            });
        }
        Ok(())
    }

    /// Leaves the reading that is shared, where the layer can be read again, and the slot, which the registry's next
    /// layers can have.
    pub(super) fn leave_the_others(&mut self) {
        if self.can_leave() {
            (self.reading, self.slot) = (None, None);
        }
    }

    /// Whether other registries go on with a reading that this one leaves, and it can have another.
    pub(super) fn can_leave(&self) -> bool {
        !self.uploader.slots.is_alone() && self.origin.is_some()
    }

    /// The content from its first byte on; `None` if it can't be read again.
    pub(super) async fn read(&mut self) -> Option<Reading> {
        if let Some(reading) = self.reading.take() {
            return Some(reading);
        }
        let origin = self.origin.clone()?;
        let Uploader { slots, encoder, hold_up, .. } = self.uploader;
        if self.slot.is_none() {
            self.turn.come().await;
            self.slot = Some(slots.upload(self.size).await);
        }
        let of_reading = slots.own_reading(self.size).await;
        encoder.start(self.encoding.clone(), origin.read(), vec![hold_up.clone()], of_reading).pop()
    }
}
