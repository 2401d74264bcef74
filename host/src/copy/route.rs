//! The way from one open repository into another, and what goes it.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::CopyError;
use super::progress::Several;
use super::reading::Reading;
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::{Digest, Reference, Repository, Tag};
use crate::push::{self, Compression, Evidence, Manner, Published, TargetBlobs, Transfer, UploadSlots};
use crate::registry::Target;
use crate::remote::RemoteImage;
use crate::source::{Options, Source};
use crate::store::{Account, Store};

/// Both repositories, open, and how images go from one to the other.
pub(super) struct Route<'a> {
    /// The source.
    pub(super) reading: &'a Reading<'a>,
    /// The target's repository.
    pub(super) target: RepositoryClient,
    /// The target's way to take uploads.
    pub(super) profile: UploadProfile,
    /// Whose credentials open the target.
    pub(super) account: Account,
    /// The source's repository, where the target can mount from it.
    pub(super) mount_from: Option<Repository>,
    /// Remembers where blobs are.
    pub(super) store: &'a Store,
    /// Shared by all copies.
    pub(super) progress: &'a Arc<Several>,
    /// Shared by all copies.
    pub(super) slots: UploadSlots,
    /// The target's blobs, as far as copies into it know them.
    pub(super) blobs: TargetBlobs,
    /// Whether nothing is written.
    pub(super) dry_run: bool,
}

impl Route<'_> {
    /// Copies something that belongs to an image, under its tag or its digest alone, and gives the bytes of its layers
    /// that were sent.
    ///
    /// # Errors
    /// As for [`transfer`](Self::transfer).
    pub(super) async fn attach(&self, digest: &Digest, tag: Option<&Tag>) -> Result<u64, CopyError> {
        let tags: Vec<Tag> = tag.cloned().into_iter().collect();
        let whole = Options { all_platforms: true, ..Options::default() };
        let Reading { repository, configs, .. } = self.reading;
        let opened = RemoteImage::open_with(repository, configs, &self.reading.named(digest), &whole).await?;
        let source = opened.source();
        let report = self.transfer(&source, &tags).await?;
        if report.unchanged && tag.is_none() {
            // It is there, and its subject's list does not have it: a copy before this one ended between the two.
            let published = Published::of(source.image()).ok_or_else(|| self.reading.missing(digest))?;
            push::publish_untagged(&self.target, &published.media_type, &published.bytes).await?;
        }
        Ok(report.bytes_sent)
    }

    /// Sends an image that was opened at the source, under tags or under its digest alone.
    ///
    /// # Errors
    /// As for a push.
    pub(super) async fn transfer(&self, source: &Source, tags: &[Tag]) -> Result<push::Report, CopyError> {
        let (first, further) = tags.split_first().map_or((None, &[][..]), |(first, further)| (Some(first), further));
        let place = self.reading.place;
        let image = &place.image;
        let image = Reference::new(image.host().clone(), image.repository().clone(), first.cloned(), None);
        let target = Target { image, ..place.clone() };
        let manner = Manner {
            tags: further.to_vec(),
            if_changed: false,
            dry_run: self.dry_run,
            compression: Compression::default(),
            slots: self.slots.clone(),
            mount_from: self.mount_from.clone(),
            known: None,
            found: HashMap::new(),
            evidence: Evidence::default(),
        };
        let progress = self.progress.part();
        let transfer = Transfer {
            manner: &manner,
            source,
            target: &target,
            repository: &self.target,
            profile: self.profile,
            store: self.store,
            account: &self.account,
            blobs: &self.blobs,
            progress: &progress,
        };
        Ok(transfer.run_alone().await?)
    }
}
