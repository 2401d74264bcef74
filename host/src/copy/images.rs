//! The way of images from one open repository into another.

use std::sync::Arc;

use bytes::Bytes;

use super::attached;
use super::error::CopyError;
use super::items::{Item, digest_of};
use super::platforms::{part_of, restricted};
use super::progress::Several;
use super::report::{Copied, CopyOutcome};
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::image::{Descriptor, Digest, Index, Platform, Reference, Repository, Tag};
use crate::push::{self, Compression, Manner, Published, Transfer, UploadSlots};
use crate::registry::Target;
use crate::remote::{RemoteError, RemoteImage};
use crate::retrying::retry;
use crate::source::{Image, Options, Source};
use crate::store::{Account, Store};

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
    /// Remembers where blobs are.
    pub(super) store: &'a Store,
    /// Shared by all copies.
    pub(super) progress: &'a Arc<Several>,
    /// Shared by all copies.
    pub(super) slots: UploadSlots,
    /// The platforms that are copied of an index.
    pub(super) platforms: &'a [Platform],
    /// Whether everything that belongs to an image is copied with it.
    pub(super) referrers: bool,
    /// Whether nothing is written.
    pub(super) dry_run: bool,
}

/// What a digest of the source becomes at the target.
struct Plan {
    /// Its digest there.
    expected: Digest,
    /// Everything that signatures and the like may belong to.
    subjects: Vec<Digest>,
    /// The image, where it had to be opened to know this.
    open: Option<Open>,
}

/// An image that was opened at the source.
struct Open {
    source: Source,
    published: Published,
}

impl Route<'_> {
    /// Copies an image. `listed` are the source's tags, if they are known.
    ///
    /// # Errors
    /// The first failure that retries don't mend. No tag has moved then, except those before the one that it names.
    pub(super) async fn copy(&self, item: &Item, listed: Option<&[Tag]>) -> Result<Copied, CopyError> {
        match self.copy_digest(&item.digest, &item.tags, listed).await {
            // A registry that keeps no image without a tag: it has moved meanwhile, and the next one is meant.
            Err(error) if error.is_gone() => match item.from.first() {
                Some(tag) => match digest_of(&self.source, tag).await? {
                    same if same == item.digest => Err(error),
                    moved => {
                        tracing::info!("tag `{tag}` moved from {} to {moved} meanwhile", item.digest);
                        self.copy_digest(&moved, &item.tags, listed).await
                    }
                },
                None => Err(error),
            },
            copied => copied,
        }
    }

    async fn copy_digest(&self, digest: &Digest, tags: &[Tag], listed: Option<&[Tag]>) -> Result<Copied, CopyError> {
        let Plan { expected, subjects, open } = self.plan(digest).await?;
        let outdated = self.outdated(&expected, tags).await;
        let attached = match self.referrers {
            true => attached::find(self, subjects, listed).await?,
            false => Vec::new(),
        };
        if outdated.as_ref().is_some_and(Vec::is_empty) {
            let referrers = attached::copy(self, &attached).await?;
            let outcome = match (referrers, self.dry_run) {
                (0, _) => CopyOutcome::Unchanged,
                (_, true) => CopyOutcome::Missing,
                (_, false) => CopyOutcome::Copied,
            };
            return Ok(Copied { referrers, ..Copied::untouched(tags.to_vec(), expected, outcome) });
        }
        let open = match open {
            Some(open) => open,
            None => self.open(digest).await?,
        };
        if attached.is_empty() || self.dry_run {
            let report = self.transfer(&open.source, tags).await?;
            let referrers = attached::copy(self, &attached).await?;
            return Ok(Copied { referrers, ..Copied::of(&report, expected) });
        }
        // What belongs to the image is there before a tag names it: those who ask for its signature find it.
        let report = self.transfer(&open.source, &[]).await?;
        let referrers = attached::copy(self, &attached).await?;
        let outdated = outdated.unwrap_or_default();
        push::publish_all(&self.target, &self.place.image, &outdated, &open.published).await?;
        let copied = Copied::of(&report, expected);
        Ok(Copied { tags: tags.to_vec(), outcome: CopyOutcome::Copied, referrers, ..copied })
    }

    /// Finds out what a digest becomes at the target, as far as that takes few requests.
    async fn plan(&self, digest: &Digest) -> Result<Plan, CopyError> {
        let whole = Plan { expected: digest.clone(), subjects: vec![digest.clone()], open: None };
        if let [_] = self.platforms {
            // Which image of the index that is has to be read.
            let open = self.open(digest).await?;
            let expected = open.published.digest();
            return Ok(Plan { subjects: vec![expected.clone()], expected, open: Some(open) });
        }
        if self.platforms.is_empty() && !self.referrers {
            return Ok(whole);
        }
        let Some(index) = self.index(digest).await? else { return Ok(whole) };
        let index = match self.platforms {
            [] => index,
            platforms => restricted(&index, platforms, &self.named(digest).to_string())?,
        };
        let expected = Digest::of(&index);
        let entries = Index::parse(&index).map_err(RemoteError::from)?.manifests.into_iter();
        let subjects = std::iter::once(expected.clone()).chain(entries.map(|entry| entry.digest)).collect();
        Ok(Plan { expected, subjects, open: None })
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
    async fn outdated(&self, digest: &Digest, tags: &[Tag]) -> Option<Vec<Tag>> {
        match tags {
            [] => push::is_there(&self.target, digest).await.then(Vec::new),
            tags => Some(push::without(&self.target, tags, digest).await),
        }
    }

    /// The bytes of an index at the source; `None` for anything else.
    async fn index(&self, digest: &Digest) -> Result<Option<Bytes>, CopyError> {
        let found = retry(|| self.source.manifest(digest)).await.map_err(RemoteError::from)?;
        let found = found.ok_or_else(|| RemoteError::NoImage(self.named(digest).to_string().into()))?;
        let is_index = Descriptor::new(&found.media_type, digest.clone(), 0).is_index();
        Ok(is_index.then_some(found.bytes))
    }

    /// Opens an image, or the part of it that is copied.
    async fn open(&self, digest: &Digest) -> Result<Open, CopyError> {
        let options = match self.platforms {
            [platform] => Options { platform: Some(platform.clone()), ..Options::default() },
            _ => Options { all_platforms: true, ..Options::default() },
        };
        let mut opened = RemoteImage::open(&self.source, &self.named(digest), &options).await?;
        if let ([_, _, ..], Image::Index(index)) = (self.platforms, &opened.image) {
            let bytes = restricted(&index.bytes, self.platforms, &self.named(digest).to_string())?;
            opened.image = Image::Index(part_of(index.clone(), bytes)?);
        }
        let published = Published::of(&opened.image);
        let published = published.ok_or_else(|| RemoteError::NoImage(self.named(digest).to_string().into()))?;
        Ok(Open { source: opened.source(), published })
    }

    async fn transfer(&self, source: &Source, tags: &[Tag]) -> Result<push::Report, CopyError> {
        let (first, further) = tags.split_first().map_or((None, &[][..]), |(first, further)| (Some(first), further));
        let image = &self.place.image;
        let digest = image.digest().cloned();
        let image = Reference::new(image.host().clone(), image.repository().clone(), first.cloned(), digest);
        let target = Target { image, ..self.place.clone() };
        let manner = Manner {
            tags: further.to_vec(),
            if_changed: false,
            dry_run: self.dry_run,
            compression: Compression::default(),
            slots: self.slots.clone(),
            mount_from: self.mount_from.clone(),
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
        Ok(transfer.run().await?)
    }

    fn named(&self, digest: &Digest) -> Reference {
        let name = &self.source_name;
        Reference::new(name.host().clone(), name.repository().clone(), None, Some(digest.clone()))
    }
}
