//! The result of a sync, as `--output json` shows it.

use serde::Serialize;

use super::error::{Partly, SyncError};
use crate::copy::{self, CopyOutcome, Problem};
use crate::error::Kind;
use crate::image::Tag;

/// A sync that came to its end.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The part that was synced, such as `1/3`; absent for all.
    pub(crate) shard: Option<String>,
    /// Whether nothing was written because of `--dry-run`.
    pub(crate) dry_run: bool,
    /// The repositories, in the order of the file.
    pub(crate) repositories: Vec<Synced>,
    /// The number of images that were copied, or would be.
    pub(crate) copied: usize,
    /// The number of images that the targets had.
    pub(crate) unchanged: usize,
    /// The number of tags that were deleted, or would be.
    pub(crate) deleted: usize,
    /// The number of repositories that are not as the file says.
    pub(crate) failed: usize,
    /// The bytes of the layers that were sent, with those of what belongs to the images.
    pub(crate) bytes_sent: u64,
    /// How long it took, in seconds, to the millisecond.
    pub(crate) seconds: f64,
}

/// A repository of a sync.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Synced {
    /// The target's name: host and repository; as the file has it where that is not known.
    pub(crate) name: String,
    /// The source's name; as the file has it where that is not known.
    pub(crate) source: String,
    /// Whether it is as the file says now.
    pub(crate) succeeded: bool,
    /// The images that were copied, or would be, or were there.
    pub(crate) images: Vec<copy::Copied>,
    /// The tags that were deleted, or would be.
    pub(crate) deleted: Vec<Tag>,
    /// What failed.
    pub(crate) failures: Vec<Problem>,
}

impl Synced {
    /// The repository with what was copied of it.
    pub(super) fn of(report: copy::Report) -> Self {
        let succeeded = report.failures.is_empty();
        let (name, source) = (report.name, report.source);
        Self { name, source, succeeded, images: report.images, deleted: Vec::new(), failures: report.failures }
    }

    /// One without images.
    pub(super) fn empty(name: String, source: String) -> Self {
        Self { name, source, succeeded: true, images: Vec::new(), deleted: Vec::new(), failures: Vec::new() }
    }

    /// One of which nothing was copied.
    pub(super) fn failed(name: String, source: String, error: &SyncError) -> Self {
        Self::empty(name, source).with(error)
    }

    /// The same with a failure.
    pub(super) fn with(mut self, error: &SyncError) -> Self {
        self.succeeded = false;
        self.failures.push(Problem::new(Vec::new(), error));
        self
    }

    /// The number of images with an outcome.
    pub(crate) fn count(&self, outcome: CopyOutcome) -> usize {
        self.images.iter().filter(|image| image.outcome == outcome).count()
    }
}

impl Report {
    /// The sum of all repositories.
    pub(super) fn new(repositories: Vec<Synced>, shard: Option<String>, dry_run: bool, seconds: f64) -> Self {
        let sum = |part: &dyn Fn(&Synced) -> usize| repositories.iter().map(part).sum();
        Self {
            shard,
            dry_run,
            copied: sum(&|one| one.count(CopyOutcome::Copied) + one.count(CopyOutcome::Missing)),
            unchanged: sum(&|one| one.count(CopyOutcome::Unchanged)),
            deleted: sum(&|one| one.deleted.len()),
            failed: sum(&|one| usize::from(!one.succeeded)),
            bytes_sent: repositories.iter().flat_map(|one| &one.images).map(|image| image.bytes_sent).sum(),
            seconds,
            repositories,
        }
    }

    /// The error of a sync of which some repositories failed; `None` where all are as the file says.
    pub(crate) fn failure(&self) -> Option<SyncError> {
        let mut failures =
            self.repositories.iter().flat_map(|one| one.failures.iter().map(move |failure| (one, failure)));
        let (repository, first) = failures.next()?;
        let kind = match failures.all(|(_, failure)| failure.code == first.code) {
            true => first.code,
            false => Kind::General,
        };
        let first = format!("`{}`: {}", repository.source, first.message).into();
        Some(SyncError::Partly(Box::new(Partly { failed: self.failed, all: self.repositories.len(), first, kind })))
    }
}
