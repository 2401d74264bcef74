//! Copies between registries: images, indexes and what belongs to them, byte for byte and without a disk between.
//!
//! The source is a registry's image like any other source, and the target is written by the transfer of a push. What is
//! copied is resolved to digests first; the tags of the target move last.

mod attached;
mod copier;
mod error;
pub(crate) mod filter;
mod images;
mod items;
mod pair;
mod platforms;
mod progress;
mod reading;
mod report;
mod route;
mod writing;

use std::time::Instant;

pub(crate) use copier::{Copier, Order};
pub(crate) use error::CopyError;
pub(crate) use report::{Copied, CopyOutcome, Problem, Report};
pub(crate) use writing::Writing;

use crate::image::Digest;
use crate::session::{Intent, Session};
use crate::stopped::Stopped;
use crate::text::seconds;
use items::{Item, Items};
use pair::{Ended, Pair};
use reading::Reading;

impl Copier<'_> {
    /// Copies what an order says, unless `stop` comes before the end. If it fails or is stopped, uploads that are open
    /// are cancelled.
    ///
    /// # Errors
    /// Where nothing can be copied. Where several tags are copied, what one of them lacks is in the report.
    pub(crate) async fn copy(&self, order: &Order, stop: impl Future<Output = Stopped>) -> Result<Report, CopyError> {
        let start = Instant::now();
        order.check_names()?;
        let mut writing = Writing::new(self, &order.target, order.insecure_target);
        let ended = tokio::select! {
            ended = self.run(order, &mut writing) => ended,
            stopped = stop => Err(stopped.into()),
        };
        if !ended.as_ref().is_ok_and(|ended| ended.failures.is_empty()) {
            writing.cancel_uploads().await;
        }
        let Ended { images, mut failures, listed } = ended?;
        if let Some((_, error)) = failures.pop_if(|_| order.tags.is_none()) {
            return Err(error);
        }
        let failures = failures.into_iter().map(|(tags, error)| Problem::new(tags, &error)).collect();
        let place = &order.target;
        Ok(Report {
            name: place.image.name(),
            registry: place.registered.then(|| place.registry.name.clone()),
            source: order.source.image.name(),
            dry_run: order.dry_run,
            bytes_sent: images.iter().map(|image| image.bytes_sent).sum(),
            images,
            failures,
            listed,
            seconds: seconds(start.elapsed()),
        })
    }

    async fn run<'b>(&'b self, order: &'b Order, writing: &mut Writing<'b>) -> Result<Ended, CopyError> {
        let mut source = self.services.open(order.source.clone(), Intent::Pull, order.insecure_source).await?;
        let find = async |reading: &Reading<'_>| match &order.tags {
            None => items::of_names(reading, &order.source.image, &order.target.image).await,
            Some(filter) => items::of_tags(&reading.repository, filter, order.lists).await,
        };
        Pair { copier: self, order, source: &mut source, writing }.copy(find).await
    }

    /// Copies images of an open repository as they are, by their digests and without tags.
    ///
    /// # Errors
    /// The first failure. The target is not opened where the first image is not there or may not go.
    pub(crate) async fn bring<'b>(
        &'b self,
        source: &mut Session<'_>,
        writing: &mut Writing<'b>,
        digests: Vec<Digest>,
    ) -> Result<(), CopyError> {
        let order = Order {
            source: source.target.clone(),
            target: writing.place.clone(),
            insecure_source: false,
            insecure_target: writing.insecure,
            tags: None,
            lists: false,
            platforms: Vec::new(),
            all_platforms: true,
            referrers: false,
            required: None,
            dry_run: false,
        };
        let items = digests.into_iter().map(|digest| Item { digest, from: Vec::new(), tags: Vec::new() });
        let items = Items { items: items.collect(), failures: Vec::new(), listed: None };
        let pair = Pair { copier: self, order: &order, source, writing: &mut *writing };
        let ended = pair.copy(async |_: &Reading<'_>| Ok(items)).await;
        let failed = match ended {
            Ok(Ended { failures, .. }) => failures.into_iter().next().map(|(_, error)| error),
            Err(error) => Some(error),
        };
        match failed {
            Some(error) => {
                writing.cancel_uploads().await;
                Err(error)
            }
            None => Ok(()),
        }
    }
}
