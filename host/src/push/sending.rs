//! The layers of a transfer: each is mounted or sent, or waited for while another transfer into the same repository
//! sends it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;

use super::error::PushError;
use super::inventory::{Inventory, Outcome};
use super::layers::{Layers, Member};
use super::mount::mount;
use super::plan::Plan;
use super::progress::Event;
use super::target_blobs::Turn;
use super::transfer::Transfer;
use crate::image::Descriptor;
use crate::retrying::has_blob;
use crate::source::{Layer, LayerKey};

/// Blobs that a registry lacks, by their layers.
type Missing = HashMap<LayerKey, Descriptor>;

impl Transfer<'_> {
    /// Mounts or sends what a plan says that the registry lacks, and gives what it has then, with the configuration if
    /// the source gave it. `member` reads the layers; it is dropped where none has to be read.
    ///
    /// # Errors
    /// The first failure that retries don't mend.
    pub(super) async fn send_layers(
        &self,
        plan: Plan,
        member: Member,
        layers: &[Layer],
        needs_config: bool,
    ) -> Result<(Inventory, Option<Bytes>), PushError> {
        let Plan { present: mut inventory, mut missing, mut unknown } = plan;
        inventory.blobs().for_each(|blob| self.tell_present(blob));
        self.tell_foreign(layers);
        let (repository, progress) = (self.repository.clone(), Arc::clone(self.progress));
        let mut sender = Layers::new(repository, self.profile, member, self.store, progress);
        let (mut config, mut is_first) = (None, true);
        loop {
            let (turns, own, taken) = self.claim(missing);
            let rest = self.mount(own, &mut inventory).await?;
            let wanted: HashSet<LayerKey> = rest.into_keys().chain(unknown.drain()).collect();
            if is_first || !wanted.is_empty() {
                self.announce(layers, &wanted);
            }
            if !wanted.is_empty() || (is_first && needs_config) {
                config = sender.send(wanted, &mut inventory).await?.or(config);
            }
            // Before those that others send are waited for: they may wait for these.
            drop(turns);
            if taken.is_empty() {
                return Ok((inventory, config));
            }
            missing = self.wait_for(taken, &mut inventory).await?;
            is_first = false;
        }
    }

    /// Takes the turns for those blobs that no other transfer sends, and gives these and the others.
    fn claim(&self, missing: Missing) -> (Vec<Turn>, Missing, Missing) {
        let (mut turns, mut own, mut taken) = (Vec::new(), Missing::new(), Missing::new());
        for (key, blob) in missing {
            match self.blobs.try_turn(&blob.digest) {
                Some(turn) => {
                    turns.push(turn);
                    own.insert(key, blob);
                }
                None => drop(taken.insert(key, blob)),
            }
        }
        (turns, own, taken)
    }

    /// Waits until the others have sent some blobs, and gives those that the registry lacks still.
    async fn wait_for(&self, taken: Missing, inventory: &mut Inventory) -> Result<Missing, PushError> {
        let mut missing = Missing::new();
        for (key, blob) in taken {
            drop(self.blobs.turn(&blob.digest).await);
            if self.blobs.has(&blob) || has_blob(self.repository, &blob).await? {
                self.blobs.add(&blob);
                self.tell_present(&blob);
                inventory.add(key, blob, Outcome::Present);
            } else {
                missing.insert(key, blob);
            }
        }
        Ok(missing)
    }

    /// Mounts blobs, and gives those that are to be sent.
    async fn mount(&self, mut missing: Missing, inventory: &mut Inventory) -> Result<Missing, PushError> {
        let mounted = match self.profile.mount {
            true => mount(self.repository, self.mount_from(), self.store, self.account, &missing).await?,
            false => Vec::new(),
        };
        for (key, from) in mounted {
            let Some(blob) = missing.remove(&key) else { continue };
            self.progress.event(Event::Mounted { digest: blob.digest.clone(), size: blob.size, from });
            self.blobs.add(&blob);
            inventory.add(key, blob, Outcome::Mounted);
        }
        Ok(missing)
    }

    fn tell_present(&self, blob: &Descriptor) {
        self.progress.event(Event::Present { digest: blob.digest.clone(), size: blob.size });
    }

    /// Announces the layers that are not sent because they are stored elsewhere.
    fn tell_foreign(&self, layers: &[Layer]) {
        for layer in layers {
            if let Layer::Blob(blob) = layer
                && !blob.urls.is_empty()
            {
                self.progress.event(Event::Foreign { digest: blob.digest.clone(), size: blob.size });
            }
        }
    }

    /// Announces the layers to be sent.
    fn announce(&self, layers: &[Layer], wanted: &HashSet<LayerKey>) {
        let mut counted = HashSet::new();
        let sent = layers.iter().filter(|layer| wanted.contains(&layer.key()) && counted.insert(layer.key()));
        let bytes = sent.map(Layer::size).sum();
        self.progress.event(Event::Planned { layers: wanted.len(), bytes });
    }
}
