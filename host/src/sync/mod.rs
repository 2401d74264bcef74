//! Mirrors: whole repositories of one registry that another one has as well, as a file says.
//!
//! Nothing is remembered between two runs: the registries' digests are the state, so that a run which was ended is
//! gone on with by the next one.

mod deletion;
mod error;
mod exact;
mod expand;
mod file;
mod report;

use std::time::Instant;

use futures_util::stream::{self, StreamExt as _};
use futures_util::{FutureExt as _, future::Shared};

pub(crate) use error::SyncError;
pub(crate) use file::MirrorFile;
pub(crate) use report::{Report, Synced};

use crate::copy::{Copier, CopyError, Order};
use crate::registry::Destination;
use crate::shard::Shard;
use crate::signature::PublicKey;
use crate::stopped::Stopped;
use crate::text::seconds;
use expand::{Expansion, Job, Refused};

/// Repositories that are synced at once. The images and layers of all of them share slots.
const REPOSITORIES_AT_ONCE: usize = 4;

/// What is synced, and how.
pub(crate) struct Request {
    /// The mirrors.
    pub(crate) file: MirrorFile,
    /// The part of them; all without one.
    pub(crate) shard: Option<Shard>,
    /// Whether nothing is written.
    pub(crate) dry_run: bool,
    /// The registry for names without a host, in the place of the one that is stored as in use.
    pub(crate) in_use: Option<Destination>,
    /// The key of a signature without which no image is copied.
    pub(crate) required: Option<PublicKey>,
}

/// Syncs what a request says, unless `stop` comes before the end. What one repository lacks costs the others nothing,
/// and is in the report.
///
/// # Errors
/// Where it is stopped.
pub(crate) async fn run(
    copier: &Copier<'_>,
    request: &Request,
    stop: impl Future<Output = Stopped>,
) -> Result<Report, SyncError> {
    let start = Instant::now();
    let stop = stop.boxed_local().shared();
    let expansion = Expansion { services: copier.services, in_use: request.in_use.as_ref() };
    let expanded = tokio::select! {
        expanded = expansion.of(request.file.mirrors()) => expanded,
        stopped = stop.clone() => return Err(CopyError::from(stopped).into()),
    };
    let own = expanded.into_iter().filter(|one| expand::is_in(request.shard, one));
    let synced = own.map(|one| {
        let stop = stop.clone();
        async move {
            match one {
                Ok(job) => sync(copier, &job, request, stop).await,
                Err(refused) => {
                    let Refused { target, source, error } = *refused;
                    Synced::failed(target, source, &error)
                }
            }
        }
    });
    let synced: Vec<Synced> = stream::iter(synced).buffered(REPOSITORIES_AT_ONCE).collect().await;
    // Whatever was under way has cancelled its uploads by now.
    if let Some(stopped) = stop.now_or_never() {
        return Err(CopyError::from(stopped).into());
    }
    let shard = request.shard.map(|shard| shard.to_string());
    Ok(Report::new(synced, shard, request.dry_run, seconds(start.elapsed())))
}

/// Syncs one repository.
async fn sync<F: Future<Output = Stopped>>(
    copier: &Copier<'_>,
    job: &Job,
    request: &Request,
    stop: Shared<F>,
) -> Synced {
    let Job { source, target, tags, mirror, is_listed } = job;
    let dry_run = request.dry_run;
    let order = Order {
        source: source.clone(),
        target: target.clone(),
        insecure_source: false,
        insecure_target: false,
        tags: Some(tags.clone()),
        lists: mirror.is_exact(),
        platforms: mirror.platforms(),
        // Of many images, some are for fewer platforms.
        all_platforms: false,
        referrers: mirror.has_referrers(),
        required: request.required.clone(),
        dry_run,
    };
    let report = match copier.copy(&order, stop.clone()).await {
        Ok(report) => report,
        // Listed for its blobs alone, as after a push that was refused, or for tags that are deleted.
        Err(error) if *is_listed && error.is_without_tags() => {
            let (source, target) = (source.image.name(), target.image.name());
            match mirror.is_exact() {
                // What a source that shows nothing has lost is not known.
                true => tracing::warn!("`{source}` is listed and has no tags; `{target}` is left as it is"),
                false => tracing::info!("`{source}` is listed and has no tags; left out"),
            }
            return Synced::empty(target, source);
        }
        Err(error) => return Synced::failed(target.image.name(), source.image.name(), &error.into()),
    };
    let listed = report.listed.clone().unwrap_or_default();
    let synced = Synced::of(report);
    // A source that was read in part is no measure of what it lacks.
    if !mirror.is_exact() || !synced.succeeded || listed.is_empty() {
        return synced;
    }
    let deleting = deletion::delete(copier.services, job, &listed, dry_run);
    let ended = tokio::select! {
        ended = deleting => ended,
        stopped = stop => return synced.with(&CopyError::from(stopped).into()),
    };
    let (deleted, failure) = ended;
    let synced = Synced { deleted, ..synced };
    match failure {
        Some(error) => synced.with(&error),
        None => synced,
    }
}
