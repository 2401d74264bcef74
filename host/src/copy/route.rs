//! The way from one open repository into another, and what goes it.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::CopyError;
use super::progress::Several;
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::{Digest, Platform, Reference, Repository, Tag};
use crate::policy::Asked;
use crate::push::{self, Compression, Evidence, Manner, Published, PushError, Transfer, UploadSlots};
use crate::registry::Target;
use crate::remote::{RemoteError, RemoteImage};
use crate::signature::{Annotations, PublicKey};
use crate::source::{Options, Source};
use crate::store::{Account, Store};
use crate::supply_chain::verify;

/// Both repositories, open, and how images go from one to the other.
pub(super) struct Route<'a> {
    /// The source's repository.
    pub(super) source: RepositoryClient,
    /// Its name, without a tag.
    pub(super) source_name: Reference,
    /// The target's repository.
    pub(super) target: RepositoryClient,
    /// The target's registry, and the name there.
    pub(super) place: Target,
    /// The target's way to take uploads.
    pub(super) profile: UploadProfile,
    /// Whose credentials open the target.
    pub(super) account: Account,
    /// The source's repository, where the target can mount from it.
    pub(super) mount_from: Option<Repository>,
    /// Who says whether an image may go there.
    pub(super) asked: Asked<'a>,
    /// Remembers where blobs are.
    pub(super) store: &'a Store,
    /// Shared by all copies.
    pub(super) progress: &'a Arc<Several>,
    /// Shared by all copies.
    pub(super) slots: UploadSlots,
    /// The platforms that are copied of an index.
    pub(super) platforms: &'a [Platform],
    /// Whether an index has to have all of these.
    pub(super) all_platforms: bool,
    /// Whether everything that belongs to an image is copied with it.
    pub(super) referrers: bool,
    /// The key of a signature that each image has to have at the source.
    pub(super) required: Option<&'a PublicKey>,
    /// Whether nothing is written.
    pub(super) dry_run: bool,
}

impl Route<'_> {
    /// Checks, before the first byte moves, that an image has the signature at the source that is wanted.
    ///
    /// # Errors
    /// Where it has none that is valid, and any refusal.
    pub(super) async fn ensure_signed(&self, digest: &Digest) -> Result<(), CopyError> {
        if let Some(key) = self.required {
            verify(&self.source, digest, key, &Annotations::new()).await.map_err(Box::new)?;
        }
        Ok(())
    }

    /// Copies something that belongs to an image, under its tag or its digest alone, and gives whether the target
    /// lacked it.
    ///
    /// # Errors
    /// As for [`copy`](Self::copy).
    pub(super) async fn attach(&self, digest: &Digest, tag: Option<&Tag>) -> Result<bool, CopyError> {
        let tags: Vec<Tag> = tag.cloned().into_iter().collect();
        if tag.is_some() && self.outdated(digest, &tags).await.is_some_and(|outdated| outdated.is_empty()) {
            return Ok(false);
        }
        if self.dry_run {
            return Ok(true);
        }
        let whole = Options { all_platforms: true, ..Options::default() };
        let name = self.named(digest);
        let opened = RemoteImage::open(&self.source, &name, &whole).await?;
        let source = opened.source();
        let report = self.transfer(&source, &tags).await?;
        if report.unchanged && tag.is_none() {
            // It is there, and its subject's list does not have it: a copy before this one ended between the two.
            let published =
                Published::of(source.image()).ok_or_else(|| RemoteError::NoImage(name.to_string().into()))?;
            push::publish_untagged(&self.target, &published.media_type, &published.bytes).await?;
        }
        Ok(true)
    }

    /// The tags that do not have a manifest yet; `None` for an image without tags that is not there.
    pub(super) async fn outdated(&self, digest: &Digest, tags: &[Tag]) -> Option<Vec<Tag>> {
        match tags {
            [] => push::is_there(&self.target, digest).await.then(Vec::new),
            tags => Some(push::without(&self.target, tags, digest).await),
        }
    }

    /// Refuses an image that is not the one whose digest the user named at the target, if the user named one.
    ///
    /// # Errors
    /// [`PushError::NotTheNamed`].
    pub(super) fn expect(&self, actual: &Digest) -> Result<(), PushError> {
        match self.place.image.digest() {
            Some(expected) if expected != actual => Err(PushError::NotTheNamed {
                image: self.place.image.name().into(),
                expected: expected.clone(),
                actual: actual.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Sends an image that was opened at the source, under tags or under its digest alone.
    ///
    /// # Errors
    /// As for a push.
    pub(super) async fn transfer(&self, source: &Source, tags: &[Tag]) -> Result<push::Report, CopyError> {
        let (first, further) = tags.split_first().map_or((None, &[][..]), |(first, further)| (Some(first), further));
        let image = &self.place.image;
        let image = Reference::new(image.host().clone(), image.repository().clone(), first.cloned(), None);
        let target = Target { image, ..self.place.clone() };
        let manner = Manner {
            tags: further.to_vec(),
            if_changed: false,
            dry_run: self.dry_run,
            compression: Compression::default(),
            slots: self.slots.clone(),
            mount_from: self.mount_from.clone(),
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
            progress: &progress,
        };
        Ok(transfer.run_alone().await?)
    }

    /// The source's name with a digest.
    pub(super) fn named(&self, digest: &Digest) -> Reference {
        let name = &self.source_name;
        Reference::new(name.host().clone(), name.repository().clone(), None, Some(digest.clone()))
    }
}
