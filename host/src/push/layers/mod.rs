//! Sends the layers that a registry lacks, several at once and in memory that does not grow with them.

mod arrivals;
mod attempt;
mod chunk_size;
mod meter;
mod recovery;
mod scheduler;
mod slots;
mod uploader;

use std::collections::HashSet;
use std::time::Instant;

use bytes::Bytes;

use super::error::PushError;
use super::inventory::Inventory;
use super::progress::Event;
use crate::retrying::{Backoff, describe, told_before};
use crate::source::{LayerKey, Source};
use crate::store::Store;
use arrivals::Arrivals;
pub(crate) use slots::UploadSlots;
pub(super) use uploader::Uploader;

/// How often a source is read again without a single layer arriving, for layers that it can give only once: a daemon
/// needs minutes to export a large image.
const FURTHER_ROUNDS: usize = 3;

/// The layers of one push.
pub(super) struct Layers<'a> {
    /// Sends one layer.
    pub(super) uploader: Uploader,
    /// Limits the layers that are sent at once.
    pub(super) slots: UploadSlots,
    /// Remembers blobs of compressed layers.
    pub(super) store: &'a Store,
}

impl Layers<'_> {
    /// Sends the wanted layers and adds their blobs to the inventory. Gives the configuration if the source gave it.
    ///
    /// # Errors
    /// The first failure that retries don't mend. Layers that arrived before it are remembered.
    pub(super) async fn send(
        &self,
        source: &Source,
        wanted: HashSet<LayerKey>,
        inventory: &mut Inventory,
    ) -> Result<Option<Bytes>, PushError> {
        let mut arrivals = Arrivals::new(self.store, self.uploader.compression().cache_key(), inventory);
        let ended = self.send_in_rounds(source, wanted, &mut arrivals).await;
        arrivals.save();
        ended?;
        Ok(arrivals.config)
    }

    /// Reads the source again for layers that it could give only once and that did not arrive.
    async fn send_in_rounds(
        &self,
        source: &Source,
        mut wanted: HashSet<LayerKey>,
        arrivals: &mut Arrivals<'_>,
    ) -> Result<(), PushError> {
        let mut backoff = Backoff::of_tries(FURTHER_ROUNDS);
        loop {
            let before = arrivals.count();
            let feed = source.feed(wanted.clone());
            let Some(error) = scheduler::send_all(&self.uploader, &self.slots, feed, arrivals).await? else {
                return Ok(());
            };
            if arrivals.count() > before {
                backoff = Backoff::of_tries(FURTHER_ROUNDS);
            }
            // Other layers were on their way until now.
            backoff.progressed(Instant::now());
            // The next round opens new uploads.
            self.uploader.repository.cancel_uploads().await;
            let Some(wait) = backoff.next(&error) else {
                backoff.gave_up();
                return Err(error.into());
            };
            let (what, is_told) = (describe(&error, wait).into(), told_before(&error));
            self.uploader.progress.event(Event::Again { layer: None, what, is_told });
            tokio::time::sleep(wait).await;
            wanted.retain(|key| !arrivals.has(key));
        }
    }
}
