//! Everything that copies have in common, and what one of them is to do.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::error::CopyError;
use super::filter::TagFilter;
use super::progress::Several;
use crate::image::{Platform, Reference};
use crate::push::{Progress, TargetBlobs, UploadSlots, WeakBlobs};
use crate::registry::Target;
use crate::session::Services;
use crate::signature::PublicKey;

/// Everything that copies use.
pub(crate) struct Copier<'a> {
    /// What sessions are opened with.
    pub(crate) services: &'a Services<'a>,
    /// Shared by all copies.
    pub(super) progress: Arc<Several>,
    /// Shared by all copies.
    pub(super) slots: UploadSlots,
    /// The blobs of each repository that is written now, by its name: several copies may go there.
    blobs: Mutex<HashMap<String, WeakBlobs>>,
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
        Self {
            services,
            progress: Arc::new(Several::new(progress)),
            slots: UploadSlots::new(jobs),
            blobs: Mutex::default(),
        }
    }

    /// The blobs of a repository that is written, which all copies share that go there at one time.
    pub(super) fn blobs_of(&self, target: &Reference) -> TargetBlobs {
        let mut all = self.blobs.lock();
        all.retain(|_, blobs| blobs.is_used());
        match all.get(&target.name()).and_then(WeakBlobs::get) {
            Some(blobs) => blobs,
            None => {
                let blobs = TargetBlobs::default();
                all.insert(target.name(), blobs.weak());
                blobs
            }
        }
    }
}

impl Order {
    /// Refuses names that say more than the order allows.
    ///
    /// # Errors
    /// Where several tags are copied, and one of the names has a tag or a digest.
    pub(super) fn check_names(&self) -> Result<(), CopyError> {
        if self.tags.is_none() {
            return Ok(());
        }
        for image in [&self.source.image, &self.target.image] {
            if let Some(tag) = image.tag() {
                return Err(CopyError::TagOfAll(tag.clone()));
            }
            if image.digest().is_some() {
                return Err(CopyError::DigestOfAll(image.to_string().into()));
            }
        }
        Ok(())
    }
}
