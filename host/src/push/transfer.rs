//! The one way of an image or index into an open registry.

use std::sync::Arc;

use parking_lot::Mutex;

use super::artifact::Artifact;
use super::companions::{Companions, Meetings};
use super::error::PushError;
use super::inventory::Inventory;
use super::layers::{Encoder, Member, RegistrySlots, SharedFeed};
use super::manifest::known_config;
use super::manner::Manner;
use super::plan::{known_blobs, plan};
use super::progress::Progress;
use super::published::Published;
use super::report::{LayerReport, Referrer, Report};
use super::target_blobs::TargetBlobs;
use super::{sizes, tags};
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::{Repository, Tag};
use crate::registry::Target;
use crate::source::{Image, Layer, Source};
use crate::store::{Account, Store};

/// Everything that a transfer needs.
pub(crate) struct Transfer<'a> {
    /// What the user chose.
    pub(crate) manner: &'a Manner,
    /// The image's source.
    pub(crate) source: &'a Source,
    /// The registry, and the image's name there.
    pub(crate) target: &'a Target,
    /// The image's repository.
    pub(crate) repository: &'a RepositoryClient,
    /// The registry's way to take uploads.
    pub(crate) profile: UploadProfile,
    /// The caches of earlier pushes.
    pub(crate) store: &'a Store,
    /// Whose credentials open the repository.
    pub(crate) account: &'a Account,
    /// The repository's blobs, as far as this and other transfers know them.
    pub(crate) blobs: &'a TargetBlobs,
    /// Receives the events.
    pub(crate) progress: &'a Arc<dyn Progress>,
}

impl Transfer<'_> {
    /// Sends the missing parts to this registry alone, the tags last.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub(crate) async fn run_alone(self) -> Result<Report, PushError> {
        let (meetings, moved) = (Meetings::new(1, false), Mutex::default());
        let mut feed = SharedFeed::new(self.source, Encoder::new(self.manner.compression));
        let member = feed.member(RegistrySlots::of_one(1, &self.manner.slots));
        tokio::select! {
            ended = self.run(member, meetings.companions(&moved)) => ended,
            never = feed.serve() => match never {},
        }
    }

    /// Sends the missing parts, the tags last. `member` reads the layers, and is dropped where none is lacking, so that
    /// the others don't wait for it; `companions` are the transfers to other registries.
    ///
    /// # Errors
    /// At the first failure that retries don't mend. No tag names an image that is not complete then.
    pub(super) async fn run(self, member: Member, mut companions: Companions<'_>) -> Result<Report, PushError> {
        let Self { manner, target, repository, .. } = self;
        let (image, tags) = (self.source.image(), tags::wanted(&manner.tags, target));
        let (layers, artifact) = (image.layers(), Artifact::new(image, self.store, self.mount_from()));
        let own = || known_blobs(&layers, manner.compression, self.store);
        let mut known = manner.known.clone().unwrap_or_else(own);
        known.extend(manner.found.iter().map(|(key, blob)| (key.clone(), vec![blob.clone()])));
        let predicted = artifact.predict(&known);
        if predicted.as_ref().is_none_or(|published| self.expect(published).is_err())
            && let Some(published) = self.named(&artifact).await
        {
            drop(member);
            let outdated = tags::without(repository, &tags, &published.digest()).await;
            let referrers = self.move_tags(&outdated, &published, &mut companions).await?;
            let unchanged = outdated.is_empty();
            let report = match unchanged {
                true => tags::unchanged(self.progress, target, tags, &published),
                false => Report::unchanged(target, tags, &published),
            };
            return Ok(Report { unchanged, referrers, ..report });
        }
        let mut outdated = tags.clone();
        if let Some(published) = predicted {
            self.expect(&published)?;
            if !manner.dry_run {
                manner.evidence.ensure_signed(repository, &published.digest()).await?;
                outdated = tags::without(repository, &tags, &published.digest()).await;
                let is_there = match tags.is_empty() {
                    true => tags::is_there(repository, &published.digest()).await,
                    false => outdated.is_empty(),
                };
                if is_there {
                    let referrers = manner.evidence.complete(repository, &published).await?;
                    companions.unchanged(&published.digest());
                    return Ok(Report { referrers, ..tags::unchanged(self.progress, target, tags, &published) });
                }
            }
        }
        if manner.if_changed
            && let Some(config) = artifact.config_digest()
            && let same = tags::same_image(repository, &tags, &config).await?
            && companions.all_have(same.as_ref().map(Published::digest)).await
            && let Some(published) = same
        {
            let referrers = match manner.dry_run {
                true => Vec::new(),
                false => manner.evidence.complete(repository, &published).await?,
            };
            companions.unchanged(&published.digest());
            return Ok(Report { referrers, ..tags::unchanged(self.progress, target, tags, &published) });
        }
        let plan = plan(repository, self.blobs, &layers, &known).await?;
        let placed = |error| self.placed(error, &layers, image);
        sizes::refuse(&plan, &self.profile, repository.host()).map_err(placed)?;
        if manner.dry_run {
            let layers = LayerReport::of_image(image, &plan.present);
            return Ok(Report::dry_run(target, tags, artifact.stored().as_ref(), layers));
        }
        let sent = self.send_layers(plan, member, &layers, artifact.needs_config()).await;
        let (inventory, config) = sent.map_err(placed)?;
        let published = artifact.complete(repository, self.blobs, &inventory, config).await?;
        self.expect(&published)?;
        if tags.is_empty() {
            tags::publish_untagged(repository, &published.media_type, &published.bytes).await?;
        }
        let referrers = self.move_tags(&outdated, &published, &mut companions).await?;
        self.add_blob_locations(&inventory);
        let layers = LayerReport::of_image(image, &inventory);
        Ok(Report { referrers, ..Report::pushed(target, tags, &published, layers) })
    }

    /// An error about a layer, with its place in the image.
    fn placed(&self, error: PushError, layers: &[Layer], image: &Image) -> PushError {
        let config = match image {
            Image::Stored { config, .. } => Some(config.clone()),
            Image::Layers { config, layers } => known_config(config, layers, self.store),
            Image::Index(_) => None,
        };
        sizes::place(error, layers, config.as_deref(), self.manner.compression, &self.profile)
    }

    /// The manifest with the digest that the user named, where the registry has it and it is one of this image. Its
    /// source may have the image unpacked, out of which the same bytes can't be made again.
    async fn named(&self, artifact: &Artifact<'_>) -> Option<Published> {
        let digest = self.target.image.digest().filter(|_| !self.manner.dry_run)?;
        let config = artifact.config_digest()?;
        tags::with_digest(self.repository, digest, &config).await
    }

    /// Before any tag moves: the image is the one whose digest the user named, if the user named one.
    fn expect(&self, published: &Published) -> Result<(), PushError> {
        let Some(expected) = self.target.image.digest() else { return Ok(()) };
        let actual = published.digest();
        if actual == *expected {
            return Ok(());
        }
        Err(PushError::NotTheNamed { image: self.target.image.name().into(), expected: expected.clone(), actual })
    }

    /// The repository that mounts are tried from first, where the registry can mount.
    pub(super) fn mount_from(&self) -> Option<&Repository> {
        self.manner.mount_from.as_ref().filter(|_| self.profile.mount)
    }

    /// Moves tags one after the other, when the other registries are ready for theirs if that matters. Gives what
    /// belongs to the image by then.
    async fn move_tags(
        &self,
        tags: &[Tag],
        published: &Published,
        companions: &mut Companions<'_>,
    ) -> Result<Vec<Referrer>, PushError> {
        let referrers = self.manner.evidence.complete(self.repository, published).await?;
        if companions.wait_for_each_other() {
            // Whether the registry takes this manifest is known before any tag moves.
            tags::publish_untagged(self.repository, &published.media_type, &published.bytes).await?;
            companions.all_are_complete(&published.digest()).await?;
        }
        for tag in tags {
            tags::publish(self.repository, &self.target.image, tag, published).await?;
            companions.moved(tag);
        }
        Ok(referrers)
    }

    /// Remembers where blobs are, for mounts into other repositories.
    fn add_blob_locations(&self, inventory: &Inventory) {
        let digests = inventory.blobs().map(|blob| &blob.digest);
        // The image is pushed; a later push that has no mount takes longer, but succeeds.
        let repository = self.repository.repository();
        let _ = self.store.as_cache(self.store.add_blob_locations(self.account, repository, digests));
    }
}
