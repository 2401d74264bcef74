//! An index with all that it names: the layers of all images first, as those of one; then their configurations and manifests,
//! then indexes, what is below before what is above; and the index itself last, under the tags.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::error::PushError;
use super::mount::Mounts;
use super::plan;
use super::retry::patiently;
use super::tags;
use super::transfer::{self, Transfer, outcomes};
use super::{Outcome, Pushed, Pusher, Request};
use crate::image::{Descriptor, Digest, Tag};
use crate::registry::Target;
use crate::source::{Child, Image, Layer, Source, StoredIndex};

/// Questions and small uploads that are open at once.
const AT_ONCE: usize = 16;

impl Pusher<'_> {
    /// Sends what is missing of an index, and the index at last.
    pub(super) async fn transfer_index(
        &self,
        request: &Request,
        transfer: Transfer<'_>,
        target: Target,
        tags: Vec<Tag>,
        source: Source,
        index: &StoredIndex,
    ) -> Result<Pushed, PushError> {
        let repository = transfer.repository;
        let all = |of: &dyn Fn(&Digest) -> Outcome| outcomes(blobs(source.image()), of);
        let mut outdated = Vec::new();
        if !request.dry_run {
            outdated = tags::without(repository, &tags, &Digest::of(&index.bytes)).await;
            if outdated.is_empty() {
                let layers = all(&|_| Outcome::Present);
                return Ok(self.tell_unchanged(Pushed::of_index(target, tags, index, layers)));
            }
        }
        let mounts = Mounts::into(repository, self.store, transfer.profile.mount && !request.dry_run);
        let plan = plan::plan(repository, source.image(), request.compression, self.store, &mounts).await?;
        if request.dry_run {
            return Ok(transfer::rehearse(target, tags, source.image(), &plan));
        }
        let landed = transfer.send_layers(&source, plan, false).await?;
        transfer.send_children(&index.children).await?;
        for tag in &outdated {
            tags::publish(repository, &target.image, tag, &index.media_type, &index.bytes).await?;
        }
        let layers = all(&|digest| landed.outcome(digest));
        self.add_blob_locations(repository, &layers);
        Ok(Pushed::of_index(target, tags, index, layers))
    }
}

fn blobs(image: &Image) -> impl Iterator<Item = &Descriptor> {
    image.layers.iter().filter_map(|layer| match layer {
        Layer::Blob(blob) => Some(blob),
        Layer::Tar { .. } => None,
    })
}

impl Transfer<'_> {
    /// Sends what an index names, whose layers the registry has.
    async fn send_children(&self, children: &[Child]) -> Result<(), PushError> {
        // Several may name the same one.
        let configs: HashMap<&Digest, (&Descriptor, &Bytes)> = children
            .iter()
            .filter_map(|child| child.config.as_ref())
            .map(|(descriptor, config)| (&descriptor.digest, (descriptor, config)))
            .collect();
        let configs = configs.into_values();
        concurrently(configs.map(|(descriptor, config)| self.send_config(descriptor, config.clone()))).await?;
        let (images, indexes): (Vec<&Child>, Vec<&Child>) = children.iter().partition(|child| child.config.is_some());
        concurrently(images.into_iter().map(|image| self.send_manifest(image))).await?;
        // One may name another.
        for index in indexes {
            self.send_manifest(index).await?;
        }
        Ok(())
    }

    /// Sends a manifest or index under its digest, unless the registry has it.
    async fn send_manifest(&self, Child { media_type, bytes, .. }: &Child) -> Result<(), PushError> {
        let digest = Digest::of(bytes);
        if patiently(|| self.repository.head_manifest(&digest)).await?.is_none() {
            patiently(|| self.repository.put_manifest(&digest, media_type, bytes.clone())).await?;
        }
        Ok(())
    }
}

async fn concurrently(
    work: impl Iterator<Item = impl Future<Output = Result<(), PushError>>>,
) -> Result<(), PushError> {
    stream::iter(work).buffer_unordered(AT_ONCE).try_collect().await
}
