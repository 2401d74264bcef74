//! Two repositories: one that is read, one that is written. Each has its own flavor, login and session.
//!
//! What is copied is known, signed and admitted, as far as it has to be, before the target's flavor makes anything for
//! it.

use futures_util::stream::{self, StreamExt as _};

use super::copier::{Copier, Order};
use super::error::CopyError;
use super::items::{Item, Items};
use super::reading::{Plan, Reading};
use super::report::Copied;
use super::route::Route;
use super::writing::Writing;
use crate::image::{Reference, Tag};
use crate::push::{self, PushError};
use crate::remote::{Configs, RemoteError};
use crate::session::{Intent, Session};

/// Images that are copied at once: enough to have small ones wait for answers together. Their layers share slots.
const IMAGES_AT_ONCE: usize = 4;

/// Two repositories, of which the one that is written may not be open yet.
pub(super) struct Pair<'a, 's, 'b> {
    /// What copies have in common.
    pub(super) copier: &'a Copier<'a>,
    /// What is copied, and how.
    pub(super) order: &'b Order,
    /// The repository that is read.
    pub(super) source: &'b mut Session<'s>,
    /// The one that is written.
    pub(super) writing: &'b mut Writing<'a>,
}

/// The end of a copy.
pub(super) struct Ended {
    /// What was copied.
    pub(super) images: Vec<Copied>,
    /// What was not, with its tags.
    pub(super) failures: Vec<(Vec<Tag>, CopyError)>,
    /// All tags of the source, where they were listed.
    pub(super) listed: Option<Vec<Tag>>,
}

impl Pair<'_, '_, '_> {
    /// Copies the images that `find` finds at the source. One that fails costs the others nothing. Where the source has
    /// none of them, or none may go, the target is not opened.
    ///
    /// # Errors
    /// Where nothing can be copied.
    pub(super) async fn copy(
        self,
        find: impl AsyncFnOnce(&Reading<'_>) -> Result<Items, CopyError>,
    ) -> Result<Ended, CopyError> {
        let Self { copier, order, source, writing } = self;
        let name = &order.source.image;
        let reading = Reading {
            repository: source.repository.clone(),
            configs: Configs::default(),
            name: Reference::new(name.host().clone(), name.repository().clone(), None, None),
            place: writing.place,
            asked: writing.asked(),
            platforms: &order.platforms,
            all_platforms: order.all_platforms,
            referrers: order.referrers,
            required: order.required.as_ref(),
        };
        let insecure = writing.insecure;
        let looking = async {
            let items = find(&reading).await?;
            first_to_go(copier, &reading, insecure, items).await
        };
        let looked = source.renewing(looking).await;
        let (items, first) = looked.map_err(|error| of_source(error, source))?;
        let Items { items, failures, listed } = items;
        let failures: Vec<_> = failures.into_iter().map(|(tags, error)| (tags, of_source(error, source))).collect();
        if items.is_empty() {
            return Ok(Ended { images: Vec::new(), failures, listed });
        }
        let target = writing.open().await?;
        let route = route(copier, order, &reading, source, target);
        let work = copy_all(&route, &items, first, listed.as_deref());
        let (images, further) = target.open.renewing(source.renewing(work)).await;
        let explain = |(tags, error)| (tags, of_target(of_source(error, source), target));
        let failures = failures.into_iter().chain(further.into_iter().map(explain)).collect();
        Ok(Ended { images, failures, listed })
    }
}

/// Finds the first image that may go, and what it becomes. Those before it that may not are failures.
async fn first_to_go(
    copier: &Copier<'_>,
    reading: &Reading<'_>,
    insecure: bool,
    mut items: Items,
) -> Result<(Items, Option<Plan>), CopyError> {
    // What is there already is no reason to ask policies. Nothing is made for a session that only reads.
    let there = match reading.is_guarded()? {
        true => copier.services.open(reading.place.clone(), Intent::Pull, insecure).await.ok(),
        false => None,
    };
    let there = there.as_ref().map(|session| &session.repository);
    let (mut first, mut refused) = (None, 0);
    for item in &items.items {
        match reading.examine(&item.digest, &item.tags, there).await {
            Ok(plan) => {
                first = Some(plan);
                break;
            }
            Err(error) if error.is_gone() && !item.from.is_empty() => break,
            Err(error) => items.failures.push((item.from.clone(), error)),
        }
        refused += 1;
    }
    items.items.drain(..refused);
    Ok((items, first))
}

fn route<'r>(
    copier: &'r Copier<'_>,
    order: &Order,
    reading: &'r Reading<'r>,
    source: &Session<'_>,
    target: &push::Session<'_>,
) -> Route<'r> {
    let (from, into) = (&source.repository, &target.open.repository);
    // Blobs move within a registry where one account opens both repositories.
    let is_one = source.account == target.open.account && from.repository() != into.repository();
    Route {
        reading,
        target: into.clone(),
        profile: target.profile,
        account: target.open.account.clone(),
        mount_from: is_one.then(|| from.repository().clone()),
        store: copier.services.store,
        progress: &copier.progress,
        slots: copier.slots.clone(),
        blobs: copier.blobs_of(&reading.place.image),
        dry_run: order.dry_run,
    }
}

/// Copies images; of the first one, it is known what it becomes.
async fn copy_all(
    route: &Route<'_>,
    items: &[Item],
    first: Option<Plan>,
    listed: Option<&[Tag]>,
) -> (Vec<Copied>, Vec<(Vec<Tag>, CopyError)>) {
    let plans = std::iter::once(first).chain(std::iter::repeat_with(|| None));
    let copies = items.iter().zip(plans);
    let copies = copies.map(|(item, plan)| async move { (item, route.copy(item, plan, listed).await) });
    let mut copies = stream::iter(copies).buffered(IMAGES_AT_ONCE);
    let (mut copied, mut failures) = (Vec::new(), Vec::new());
    while let Some((item, ended)) = copies.next().await {
        match ended {
            Ok(image) => copied.push(image),
            Err(error) => {
                tracing::info!("{} is not copied: {error}", item.digest);
                failures.push((item.from.clone(), error));
            }
        }
    }
    (copied, failures)
}

/// An error with what is known of the credentials that the source refused.
fn of_source(error: CopyError, source: &Session<'_>) -> CopyError {
    match error {
        CopyError::Remote(error) => match *error {
            RemoteError::Distribution(error) => source.explain(error).into(),
            other => other.into(),
        },
        other => other,
    }
}

/// An error with what is known of the credentials that the target refused.
fn of_target(error: CopyError, target: &push::Session<'_>) -> CopyError {
    match error {
        CopyError::Push(error) => match *error {
            error @ PushError::Distribution(_) => target.explain(error).into(),
            other => other.into(),
        },
        other => other,
    }
}
