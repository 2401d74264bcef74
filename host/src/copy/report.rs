//! The result of a copy, as `--output json` shows it.

use serde::Serialize;

use super::error::{CopyError, Partly};
use crate::error::{Explain, Kind};
use crate::image::{Digest, Tag};
use crate::push;
use crate::store::Name;
use crate::text::Escaped;

/// What became of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) enum CopyOutcome {
    /// It was copied.
    Copied,
    /// The target had it.
    Unchanged,
    /// It would have been copied (dry run).
    Missing,
}

/// A copy that came to its end.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The target's name: host and repository.
    pub(crate) name: String,
    /// The target registry's name; absent for one that is not registered.
    pub(crate) registry: Option<Name>,
    /// The source's name: host and repository.
    pub(crate) source: String,
    /// Whether nothing was written because of `--dry-run`.
    pub(crate) dry_run: bool,
    /// The images, in the order of their tags at the source.
    pub(crate) images: Vec<Copied>,
    /// What was not copied.
    pub(crate) failures: Vec<Problem>,
    /// The bytes of the layers that were sent, with those of what belongs to the images.
    pub(crate) bytes_sent: u64,
    /// How long it took, in seconds, to the millisecond.
    pub(crate) seconds: f64,
    /// All tags of the source; absent where they did not have to be listed.
    #[serde(skip)]
    pub(crate) listed: Option<Vec<Tag>>,
}

/// An image, index or artifact of a copy.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Copied {
    /// The tags that have it at the target now; none for one that is copied by its digest.
    pub(crate) tags: Vec<Tag>,
    /// Its digest at the target.
    pub(crate) digest: Digest,
    /// Its outcome.
    pub(crate) outcome: CopyOutcome,
    /// The number of layers that were sent.
    pub(crate) layers_sent: usize,
    /// The number of layers that the target had, or mounted from another repository.
    pub(crate) layers_skipped: usize,
    /// The bytes of the layers that were sent, with those of what belongs to it.
    pub(crate) bytes_sent: u64,
    /// The number of signatures, attestations and the like that were copied with it.
    pub(crate) referrers: usize,
}

/// What was copied, or would be, of what belongs to an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// How many things.
    pub(super) count: usize,
    /// The bytes of their layers that were sent.
    pub(super) bytes: u64,
}

/// An image that was not copied.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    /// Its tags at the source.
    pub(crate) tags: Vec<Tag>,
    /// The kind of the failure.
    pub(crate) code: Kind,
    /// The failure in one line.
    pub(crate) message: String,
    /// The next step, if there is one.
    pub(crate) hint: Option<String>,
}

impl Problem {
    /// The failure of something with these tags.
    pub(crate) fn new(tags: Vec<Tag>, error: &impl Explain) -> Self {
        let hint = error.hint().map(|hint| hint.to_string());
        Self { tags, code: error.kind(), message: error.to_string(), hint }
    }
}

impl Copied {
    /// What a transfer came to.
    pub(super) fn of(report: &push::Report, digest: Digest) -> Self {
        let outcome = match (report.unchanged, report.dry_run) {
            (true, _) => CopyOutcome::Unchanged,
            (false, true) => CopyOutcome::Missing,
            (false, false) => CopyOutcome::Copied,
        };
        let layers_sent = report.layers.iter().filter(|layer| layer.uploaded).count();
        let (layers_skipped, bytes_sent) = (report.layers_skipped, report.bytes_sent);
        Self { tags: report.tags.clone(), digest, outcome, layers_sent, layers_skipped, bytes_sent, referrers: 0 }
    }

    /// The same with what was sent of what belongs to it.
    pub(super) fn with(self, sent: Sent) -> Self {
        let bytes_sent = self.bytes_sent + sent.bytes;
        Self { referrers: sent.count, bytes_sent, ..self }
    }

    /// One that needed no transfer.
    pub(super) fn untouched(tags: Vec<Tag>, digest: Digest, outcome: CopyOutcome) -> Self {
        Self { tags, digest, outcome, layers_sent: 0, layers_skipped: 0, bytes_sent: 0, referrers: 0 }
    }
}

impl Report {
    /// The error of a copy of which some images failed; `None` where all are copied.
    pub(crate) fn failure(&self) -> Option<CopyError> {
        let first = self.failures.first()?;
        let kind = match self.failures.iter().all(|failure| failure.code == first.code) {
            true => first.code,
            false => Kind::General,
        };
        let (failed, all) = (self.failures.len(), self.failures.len() + self.images.len());
        let message: Escaped = first.message.as_str().into();
        Some(CopyError::Partly(Box::new(Partly { failed, all, first: message, kind })))
    }

    /// The number of images with an outcome.
    pub(crate) fn count(&self, outcome: CopyOutcome) -> usize {
        self.images.iter().filter(|image| image.outcome == outcome).count()
    }
}
