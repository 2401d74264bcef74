//! Sends the layers that registries lack, several at once and in memory that does not grow with them.

mod arrivals;
mod attempt;
mod chunk_size;
mod encoder;
mod meter;
mod readings;
mod recovery;
mod registry_slots;
mod scheduler;
mod shared_feed;
mod slots;
mod transmission;
mod uploader;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::error::PushError;
use super::inventory::Inventory;
use super::progress::{Event, Progress};
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::retrying::{Backoff, describe, told_before};
use crate::source::LayerKey;
use crate::store::Store;
use arrivals::Arrivals;
use chunk_size::ChunkSize;
pub(super) use encoder::Encoder;
pub(super) use registry_slots::RegistrySlots;
pub(super) use shared_feed::{Member, SharedFeed};
pub(crate) use slots::UploadSlots;
use uploader::Uploader;

/// How often a source is read again without a single layer arriving, for layers that it can give only once: a daemon
/// needs minutes to export a large image.
const FURTHER_ROUNDS: usize = 3;

/// The layers of one push to one registry.
pub(super) struct Layers<'a> {
    uploader: Uploader,
    member: Member,
    store: &'a Store,
}

impl<'a> Layers<'a> {
    /// Sends layers as the profile says. `store` remembers the blobs of compressed layers.
    pub(super) fn new(
        repository: RepositoryClient,
        profile: UploadProfile,
        member: Member,
        store: &'a Store,
        progress: Arc<dyn Progress>,
    ) -> Self {
        let chunk = ChunkSize::new(profile.request_bytes());
        let (encoder, slots, hold_up) = (member.encoder.clone(), member.slots.clone(), Arc::clone(&member.hold_up));
        let uploader = Uploader { repository, chunk, profile, encoder, slots, hold_up, progress };
        Self { uploader, member, store }
    }

    /// Sends the wanted layers and adds their blobs to the inventory. Gives the configuration if the source gave it.
    ///
    /// # Errors
    /// The first failure that retries don't mend. Layers that arrived before it are remembered.
    pub(super) async fn send(
        &mut self,
        wanted: HashSet<LayerKey>,
        inventory: &mut Inventory,
    ) -> Result<Option<Bytes>, PushError> {
        let encoder = self.uploader.encoder.clone();
        let mut arrivals = Arrivals::new(self.store, &encoder, inventory);
        let ended = self.send_in_rounds(wanted, &mut arrivals).await;
        arrivals.save();
        ended?;
        Ok(arrivals.config)
    }

    /// Has the source read again for layers that it could give only once and that did not arrive.
    async fn send_in_rounds(
        &mut self,
        mut wanted: HashSet<LayerKey>,
        arrivals: &mut Arrivals<'_>,
    ) -> Result<(), PushError> {
        let mut backoff = Backoff::of_tries(FURTHER_ROUNDS);
        loop {
            let before = arrivals.count();
            let deliveries = self.member.join(wanted.clone());
            let Some(error) = scheduler::send_all(&self.uploader, deliveries, arrivals).await? else { return Ok(()) };
            if arrivals.count() > before {
                backoff = Backoff::of_tries(FURTHER_ROUNDS);
            }
            // Other layers were on their way until now.
            backoff.progressed(Instant::now());
            // The next round opens new uploads.
            self.uploader.repository.cancel_uploads().await;
            wanted.retain(|key| !arrivals.has(key));
            // One that fell behind has the next reading for itself.
            let PushError::Distribution(error) = error else { continue };
            let Some(wait) = backoff.next(&error) else {
                backoff.gave_up();
                return Err(error.into());
            };
            let (what, is_told) = (describe(&error, wait).into(), told_before(&error));
            self.uploader.progress.event(Event::Again { layer: None, what, is_told });
            tokio::time::sleep(wait).await;
        }
    }
}
