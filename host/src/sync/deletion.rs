//! Deletes tags of a target that its source no longer has.

use std::collections::HashSet;

use super::error::SyncError;
use super::exact::surplus;
use super::expand::Job;
use crate::cleanup::{Cleanup, CleanupError};
use crate::copy::CopyError;
use crate::distribution::{self, RepositoryClient};
use crate::image::{Descriptor, Digest, Index, Reference, Tag};
use crate::policy::{Asked, Deletion};
use crate::remote::RemoteError;
use crate::retrying::{all_pages, concurrently, retry};
use crate::session::{Intent, Services, Session};

/// Indexes within indexes that are looked into: as deep as images are read.
const MAX_DEPTH: usize = 4;

/// Deletes the tags of a job's target that its source, whose whole list is `listed`, no longer has. Gives the tags that
/// were deleted, or would be, and what kept others from it.
pub(super) async fn delete(
    services: &Services<'_>,
    job: &Job,
    listed: &[Tag],
    dry_run: bool,
) -> (Vec<Tag>, Option<SyncError>) {
    let intent = if dry_run { Intent::Pull } else { Intent::Delete };
    let mut session = match services.open(job.target.clone(), intent, false).await {
        Ok(session) => session,
        Err(error) => return (Vec::new(), Some(error.into())),
    };
    let cleanup = match Cleanup::of(services, &session).await {
        Ok(cleanup) => cleanup,
        Err(error) => return (Vec::new(), Some(error.into())),
    };
    let repository = session.repository.clone();
    let mut deleted = Vec::new();
    let work = async {
        let there = match all_pages(&repository.tags()).await {
            Ok(there) => there,
            // A dry run has not made the repository.
            Err(error) if error.is_not_found() && dry_run => return Ok(()),
            Err(error) => return Err(of_registry(error)),
        };
        let surplus = surplus(listed, &there, &job.tags);
        let most = job.mirror.max_deletes();
        if surplus.len() > most {
            let name = job.target.image.name();
            return Err(SyncError::TooMany { repository: name.into(), surplus: surplus.len(), most });
        }
        if dry_run {
            deleted = surplus;
            return Ok(());
        }
        admit(services, job, &surplus).await?;
        let kept: Vec<&Tag> = there.iter().filter(|tag| !surplus.contains(tag)).collect();
        let mut held = None;
        for tag in surplus {
            match delete_tag(&cleanup, &tag, &kept).await {
                Ok(()) => {}
                // What holds this one is no reason to keep the others.
                Err(error @ SyncError::Held { .. }) => {
                    held.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
            tracing::info!("tag `{tag}` of `{}` is deleted: its source no longer has it", job.target.image.name());
            deleted.push(tag);
        }
        held.map_or(Ok(()), Err)
    };
    let ended: Result<(), SyncError> = session.renewing(work).await;
    (deleted, ended.err().map(|error| explained(error, &session)))
}

/// Asks the policies about all deletions at once. Their warnings are told.
async fn admit(services: &Services<'_>, job: &Job, surplus: &[Tag]) -> Result<(), SyncError> {
    let name = &job.target.image;
    let deletion = |tag: &Tag| Deletion {
        image: Reference::new(name.host().clone(), name.repository().clone(), Some(tag.clone()), None),
        digest: None,
        tags: vec![tag.clone()],
        media_type: None,
    };
    let deletions: Vec<Deletion> = surplus.iter().map(deletion).collect();
    let (catalog, environment) = (&services.catalog, services.environment);
    Asked { catalog, environment, registry: &job.target.registry }.deletions(&deletions).await?;
    Ok(())
}

/// Deletes a tag; where neither the registry nor its flavor deletes tags, its image, if no tag that stays needs that.
async fn delete_tag(cleanup: &Cleanup<'_>, tag: &Tag, kept: &[&Tag]) -> Result<(), SyncError> {
    match cleanup.delete_tag(tag).await {
        Ok(_) => return Ok(()),
        Err(CleanupError::NoDelete { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let repository = cleanup.repository();
    let Some(found) = retry(|| repository.manifest(tag)).await.map_err(of_registry)? else { return Ok(()) };
    let held = concurrently(kept.iter().map(|tag| reached(repository, tag))).await?;
    if held.iter().any(|reached| reached.contains(&found.digest)) {
        let name = format!("{}/{}", repository.host(), repository.repository());
        return Err(SyncError::Held { repository: name.into(), tag: tag.to_string().into() });
    }
    cleanup.delete_manifest(&found.digest).await?;
    Ok(())
}

/// The digests of a tag's manifest, and of all that it names if it is an index.
async fn reached(repository: &RepositoryClient, tag: &Tag) -> Result<HashSet<Digest>, SyncError> {
    let mut reached = HashSet::new();
    let Some(found) = retry(|| repository.manifest(tag)).await.map_err(of_registry)? else { return Ok(reached) };
    let mut level = vec![found];
    for _ in 0..=MAX_DEPTH {
        let mut next = Vec::new();
        for found in level {
            reached.insert(found.digest.clone());
            if !Descriptor::new(&found.media_type, found.digest, 0).is_index() {
                continue;
            }
            let entries = Index::parse(&found.bytes).map_err(|error| CopyError::from(RemoteError::from(error)))?;
            for entry in entries.manifests {
                if reached.insert(entry.digest.clone()) && entry.is_index() {
                    next.extend(retry(|| repository.manifest(&entry.digest)).await.map_err(of_registry)?);
                }
            }
        }
        level = next;
    }
    Ok(reached)
}

fn of_registry(error: distribution::Error) -> SyncError {
    CopyError::from(RemoteError::from(error)).into()
}

fn explained(error: SyncError, session: &Session<'_>) -> SyncError {
    let SyncError::Copy(CopyError::Remote(error)) = error else { return error };
    match *error {
        RemoteError::Distribution(error) => session.explain(error).into(),
        other => CopyError::from(other).into(),
    }
}
