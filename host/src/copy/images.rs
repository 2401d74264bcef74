//! Images on their way from one repository into another, and the order in which their parts and their tags go.

use super::attached;
use super::error::CopyError;
use super::items::{Item, digest_of};
use super::reading::{Plan, outdated};
use super::report::{Copied, CopyOutcome};
use super::route::Route;
use crate::image::{Digest, Tag};
use crate::push;

impl Route<'_> {
    /// Copies an image. `plan` is what was found out about it before; `listed` are the source's tags, if they are
    /// known.
    ///
    /// # Errors
    /// The first failure that retries don't mend. No tag has moved then, except those before the one that it names.
    pub(super) async fn copy(
        &self,
        item: &Item,
        plan: Option<Plan>,
        listed: Option<&[Tag]>,
    ) -> Result<Copied, CopyError> {
        match self.copy_digest(&item.digest, plan, &item.tags, listed).await {
            // A registry that keeps no image without a tag: its tags have moved meanwhile, and name what is meant now.
            Err(error) if error.is_gone() => self.copy_moved(item, listed).await?.ok_or(error),
            copied => copied,
        }
    }

    /// Copies what the tags of an image that is gone name now; `None` where they still name that.
    async fn copy_moved(&self, item: &Item, listed: Option<&[Tag]>) -> Result<Option<Copied>, CopyError> {
        let mut last = None;
        for (from, tag) in item.from.iter().zip(&item.tags) {
            let moved = digest_of(&self.reading.repository, from).await?;
            if moved == item.digest {
                return Ok(None);
            }
            tracing::info!("tag `{from}` moved from {} to {moved} meanwhile", item.digest);
            last = Some(self.copy_digest(&moved, None, std::slice::from_ref(tag), listed).await?);
        }
        Ok(last.map(|copied| Copied { tags: item.tags.clone(), ..copied }))
    }

    async fn copy_digest(
        &self,
        digest: &Digest,
        plan: Option<Plan>,
        tags: &[Tag],
        listed: Option<&[Tag]>,
    ) -> Result<Copied, CopyError> {
        let mut plan = match plan {
            Some(plan) => plan,
            None => self.reading.plan(digest).await?,
        };
        let expected = plan.expected.clone();
        let outdated = outdated(&self.target, &expected, tags).await;
        let attached = match self.reading.referrers {
            true => attached::find(self, std::mem::take(&mut plan.subjects), listed).await?,
            false => Vec::new(),
        };
        let missing = attached::missing(self, &attached).await;
        if outdated.as_ref().is_some_and(Vec::is_empty) {
            if !missing.is_empty() && self.reading.is_guarded()? {
                // Policies are asked about the image, whatever of it moves.
                self.reading.admitted(digest, &mut plan, tags).await?;
            }
            let sent = attached::copy(self, &missing).await?;
            let outcome = match (sent.count, self.dry_run) {
                (0, _) => CopyOutcome::Unchanged,
                (_, true) => CopyOutcome::Missing,
                (_, false) => CopyOutcome::Copied,
            };
            return Ok(Copied::untouched(tags.to_vec(), expected, outcome).with(sent));
        }
        let open = self.reading.admitted(digest, &mut plan, tags).await?;
        if attached.is_empty() || self.dry_run {
            let report = self.transfer(&open.source, tags).await?;
            return Ok(Copied::of(&report, expected).with(attached::copy(self, &missing).await?));
        }
        // What belongs to the image is there before a tag names it: those who ask for its signature find it.
        let report = self.transfer(&open.source, &[]).await?;
        let sent = attached::copy(self, &missing).await?;
        let outdated = outdated.unwrap_or_default();
        push::publish_all(&self.target, &self.reading.place.image, &outdated, &open.published).await?;
        let copied = Copied::of(&report, expected).with(sent);
        Ok(Copied { tags: tags.to_vec(), outcome: CopyOutcome::Copied, ..copied })
    }
}
