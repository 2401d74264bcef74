//! Images on their way from one repository into another: what a digest becomes at the target, and in which order.

use bytes::Bytes;

use super::attached;
use super::error::CopyError;
use super::items::{Item, digest_of};
use super::platforms::{part_of, restricted};
use super::report::{Copied, CopyOutcome};
use super::route::Route;
use crate::image::{Descriptor, Digest, Index, Tag};
use crate::push::{self, Published};
use crate::remote::{RemoteError, RemoteImage};
use crate::retrying::retry;
use crate::source::{Image, Options, Source};

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
            // A registry that keeps no image without a tag: its tags have moved meanwhile, and name what is meant now.
            Err(error) if error.is_gone() => self.copy_moved(item, listed).await?.ok_or(error),
            copied => copied,
        }
    }

    /// Copies what the tags of an image that is gone name now; `None` where they still name that.
    async fn copy_moved(&self, item: &Item, listed: Option<&[Tag]>) -> Result<Option<Copied>, CopyError> {
        let mut last = None;
        for (from, tag) in item.from.iter().zip(&item.tags) {
            let moved = digest_of(&self.source, from).await?;
            if moved == item.digest {
                return Ok(None);
            }
            tracing::info!("tag `{from}` moved from {} to {moved} meanwhile", item.digest);
            last = Some(self.copy_digest(&moved, std::slice::from_ref(tag), listed).await?);
        }
        Ok(last.map(|copied| Copied { tags: item.tags.clone(), ..copied }))
    }

    async fn copy_digest(&self, digest: &Digest, tags: &[Tag], listed: Option<&[Tag]>) -> Result<Copied, CopyError> {
        self.ensure_signed(digest).await?;
        let Plan { expected, subjects, open } = self.plan(digest).await?;
        self.expect(&expected)?;
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
        // Before the first byte. Its warnings are told.
        self.asked.copy(&self.named(digest), &open.source, &self.place.image, tags).await?;
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
            platforms => restricted(&index, platforms, self.all_platforms, &self.named(digest).to_string())?,
        };
        let expected = Digest::of(&index);
        let entries = Index::parse(&index).map_err(RemoteError::from)?.manifests.into_iter();
        let subjects = std::iter::once(expected.clone()).chain(entries.map(|entry| entry.digest)).collect();
        Ok(Plan { expected, subjects, open: None })
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
            let bytes = restricted(&index.bytes, self.platforms, self.all_platforms, &self.named(digest).to_string())?;
            opened.image = Image::Index(part_of(index.clone(), bytes)?);
        }
        let published = Published::of(&opened.image);
        let published = published.ok_or_else(|| RemoteError::NoImage(self.named(digest).to_string().into()))?;
        Ok(Open { source: opened.source(), published })
    }
}
