//! Two open repositories: one that is read, one that is written. Each has its own flavor, login and session.

use std::time::Instant;

use futures_util::stream::{self, StreamExt as _};

use super::error::CopyError;
use super::filter::TagFilter;
use super::items::{self, Item, Items};
use super::report::{Copied, Problem, Report};
use super::route::Route;
use super::{Copier, Order};
use crate::image::{Reference, Tag};
use crate::policy::Asked;
use crate::push::{self, Compression, PushError};
use crate::remote::RemoteError;
use crate::session::{Intent, Session};
use crate::stopped::Stopped;
use crate::text::seconds;

/// Images that are copied at once: enough to have small ones wait for answers together. Their layers share slots.
const IMAGES_AT_ONCE: usize = 4;

/// Two open repositories.
pub(super) struct Pair<'a> {
    copier: &'a Copier<'a>,
    order: &'a Order,
    source: Session<'a>,
    target: push::Session<'a>,
}

impl Copier<'_> {
    /// Opens both repositories of an order. The target's flavor prepares it for a push, for a dry run as well.
    ///
    /// # Errors
    /// If one of them can't be opened, or a name says more than the order allows.
    pub(super) async fn open<'a>(&'a self, order: &'a Order) -> Result<Pair<'a>, CopyError> {
        if order.tags.is_some() {
            for image in [&order.source.image, &order.target.image] {
                if let Some(tag) = image.tag() {
                    return Err(CopyError::TagOfAll(tag.clone()));
                }
                if image.digest().is_some() {
                    return Err(CopyError::DigestOfAll(image.to_string().into()));
                }
            }
        }
        let services = self.services;
        let source = services.open(order.source.clone(), Intent::Pull, order.insecure_source).await?;
        let opening = push::Session::open(
            services.access(),
            &services.client,
            order.target.clone(),
            order.insecure_target,
            Compression::default(),
            self.progress.whole(),
        );
        let target = opening.await?;
        Ok(Pair { copier: self, order, source, target })
    }
}

impl Pair<'_> {
    /// Copies what the order says, unless `stop` comes before the end. If it fails or is stopped, uploads that are open
    /// are cancelled.
    ///
    /// # Errors
    /// As for [`Copier::copy`].
    pub(super) async fn copy(self, stop: impl Future<Output = Stopped>) -> Result<Report, CopyError> {
        let start = Instant::now();
        let route = self.route();
        let Self { order, mut source, mut target, .. } = self;
        let work = async {
            match &order.tags {
                None => one(&route, order).await.map(Ended::of),
                Some(filter) => several(&route, filter, order.lists).await,
            }
        };
        let ended = tokio::select! {
            ended = target.open.renewing(source.renewing(work)) => ended,
            stopped = stop => Err(stopped.into()),
        };
        if !ended.as_ref().is_ok_and(|ended| ended.failures.is_empty()) {
            target.cancel_uploads().await;
        }
        let explain = |error| explained(error, &source, &target);
        let Ended { images, failures, listed } = ended.map_err(explain)?;
        let failures = failures.into_iter().map(|(tags, error)| Problem::new(tags, &explain(error))).collect();
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
}

impl<'a> Pair<'a> {
    fn route(&self) -> Route<'a> {
        let Self { copier, order, source, target } = self;
        let (from, into) = (&source.repository, &target.open.repository);
        // Blobs move within a registry where one account opens both repositories.
        let is_one = source.account == target.open.account && from.repository() != into.repository();
        let name = &order.source.image;
        Route {
            source: from.clone(),
            source_name: Reference::new(name.host().clone(), name.repository().clone(), None, None),
            target: into.clone(),
            place: order.target.clone(),
            profile: target.profile,
            account: target.open.account.clone(),
            mount_from: is_one.then(|| from.repository().clone()),
            asked: Asked {
                catalog: &copier.services.catalog,
                environment: copier.services.environment,
                registry: &order.target.registry,
            },
            store: copier.services.store,
            progress: &copier.progress,
            slots: copier.slots.clone(),
            platforms: &order.platforms,
            all_platforms: order.all_platforms,
            referrers: order.referrers,
            required: order.required.as_ref(),
            dry_run: order.dry_run,
        }
    }
}

/// The end of a copy.
struct Ended {
    /// What was copied.
    images: Vec<Copied>,
    /// What was not, with its tags.
    failures: Vec<(Vec<Tag>, CopyError)>,
    /// All tags of the source, where they were listed.
    listed: Option<Vec<Tag>>,
}

impl Ended {
    /// One image was copied.
    fn of(copied: Copied) -> Self {
        Self { images: vec![copied], failures: Vec::new(), listed: None }
    }
}

/// Copies the image that the names mean.
async fn one(route: &Route<'_>, order: &Order) -> Result<Copied, CopyError> {
    let (from, to) = (&order.source.image, &order.target.image);
    let typed = match (from.tag(), from.digest()) {
        (None, None) => Some(Tag::latest()),
        (tag, _) => tag.cloned(),
    };
    let (digest, tags_there) = match (from.digest(), &typed) {
        (Some(digest), _) => (digest.clone(), Vec::new()),
        (None, tag) => {
            let tag = tag.clone().unwrap_or_else(Tag::latest);
            (items::digest_of(&route.source, &tag).await?, vec![tag])
        }
    };
    // A target that is named by a digest alone gets no tag.
    let tag = to.tag().cloned().or_else(|| typed.filter(|_| to.digest().is_none()));
    route.copy(&Item { digest, from: tags_there, tags: tag.into_iter().collect() }, None).await
}

/// Copies the images of all tags that a filter means. One that fails costs the others nothing.
async fn several(route: &Route<'_>, filter: &TagFilter, lists: bool) -> Result<Ended, CopyError> {
    let Items { items, failures, listed } = items::of_tags(&route.source, filter, lists).await?;
    let mut failures: Vec<_> = failures.into_iter().map(|(tag, error)| (vec![tag], error)).collect();
    let known = listed.as_deref();
    let copies = items.iter().map(|item| async move { (item, route.copy(item, known).await) });
    let mut copies = stream::iter(copies).buffered(IMAGES_AT_ONCE);
    let mut copied = Vec::new();
    while let Some((item, ended)) = copies.next().await {
        match ended {
            Ok(image) => copied.push(image),
            Err(error) => {
                tracing::info!("{} is not copied: {error}", item.digest);
                failures.push((item.from.clone(), error));
            }
        }
    }
    drop(copies);
    Ok(Ended { images: copied, failures, listed })
}

/// An error with what is known of the credentials that the registry refused.
fn explained(error: CopyError, source: &Session<'_>, target: &push::Session<'_>) -> CopyError {
    match error {
        CopyError::Remote(error) => match *error {
            RemoteError::Distribution(error) => source.explain(error).into(),
            other => other.into(),
        },
        CopyError::Push(error) => match *error {
            error @ PushError::Distribution(_) => target.explain(error).into(),
            other => other.into(),
        },
        other => other,
    }
}
