//! Copies between registries: images, indexes and what belongs to them, byte for byte and without a disk between.
//!
//! The source is a registry's image like any other source, and the target is written by the transfer of a push. What is
//! copied is resolved to digests first; the tags of the target move last.

mod attached;
mod error;
pub(crate) mod filter;
mod images;
mod items;
mod listing;
mod pair;
mod platforms;
mod progress;
mod report;
mod route;

use std::sync::Arc;

pub(crate) use error::CopyError;
pub(crate) use listing::all_tags;
pub(crate) use report::{Copied, CopyOutcome, Problem, Report};

use crate::image::Platform;
use crate::push::{Progress, UploadSlots};
use crate::registry::Target;
use crate::session::Services;
use crate::signature::PublicKey;
use crate::stopped::Stopped;
use filter::TagFilter;
use progress::Several;

/// Everything that copies use.
pub(crate) struct Copier<'a> {
    /// What sessions are opened with.
    pub(crate) services: &'a Services<'a>,
    /// Shared by all copies.
    progress: Arc<Several>,
    slots: UploadSlots,
}

/// What is copied, and how.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The registry that is read, and the image's or repository's name there.
    pub(crate) source: Target,
    /// The registry that is written, and the name there.
    pub(crate) target: Target,
    /// Whether plain HTTP may be spoken to the source, though that is not stored with it.
    pub(crate) insecure_source: bool,
    /// The same for the target.
    pub(crate) insecure_target: bool,
    /// The tags, where several are copied; otherwise the names say which image.
    pub(crate) tags: Option<TagFilter>,
    /// Whether the source's tags are listed even where the filter names whole ones, for a caller that compares lists.
    pub(crate) lists: bool,
    /// The platforms that are copied of an index: none for the index as it is, one for that image alone, several for
    /// an index of these.
    pub(crate) platforms: Vec<Platform>,
    /// Whether an index that lacks one of several platforms is not copied.
    pub(crate) all_platforms: bool,
    /// Whether everything that belongs to an image is copied with it.
    pub(crate) referrers: bool,
    /// The key of a signature without which no image is copied.
    pub(crate) required: Option<PublicKey>,
    /// Whether nothing is written.
    pub(crate) dry_run: bool,
}

impl<'a> Copier<'a> {
    /// Copies with these services. `jobs` limits the layers that are sent at once, by all copies together.
    pub(crate) fn new(services: &'a Services<'a>, progress: Arc<dyn Progress>, jobs: Option<usize>) -> Self {
        Self { services, progress: Arc::new(Several::new(progress)), slots: UploadSlots::new(jobs) }
    }

    /// Copies what an order says, unless `stop` comes before the end. If it fails or is stopped, uploads that are open
    /// are cancelled.
    ///
    /// # Errors
    /// Where nothing can be copied. Where several tags are copied, what one of them lacks is in the report.
    pub(crate) async fn copy(&self, order: &Order, stop: impl Future<Output = Stopped>) -> Result<Report, CopyError> {
        let mut stop = std::pin::pin!(stop);
        let pair = tokio::select! {
            pair = self.open(order) => pair?,
            stopped = &mut stop => return Err(stopped.into()),
        };
        pair.copy(stop).await
    }
}
