//! What the transfers of one push to several registries decide together.

use parking_lot::Mutex;

use super::error::PushError;
use super::rendezvous::{Place, Rendezvous};
use crate::image::{Digest, Tag};

/// The points at which they meet.
pub(super) struct Meetings {
    /// Where all tell which manifest they have of the same image (`--if-changed`).
    same_image: Rendezvous<Option<Digest>>,
    /// Where each tells that its registry has all but the tags.
    complete: Rendezvous<Digest>,
    is_all_or_none: bool,
}

/// The others, as one transfer sees them.
pub(super) struct Companions<'a> {
    same_image: Place<'a, Option<Digest>>,
    complete: Place<'a, Digest>,
    is_all_or_none: bool,
    moved: &'a Mutex<Vec<Tag>>,
}

impl Meetings {
    /// Meetings of so many transfers; whether no tag moves before all registries have everything.
    pub(super) fn new(transfers: usize, is_all_or_none: bool) -> Self {
        Self { same_image: Rendezvous::new(transfers), complete: Rendezvous::new(transfers), is_all_or_none }
    }

    /// The companions of one transfer; one for each. Tags that it moves are noted in `moved`.
    pub(super) fn companions<'a>(&'a self, moved: &'a Mutex<Vec<Tag>>) -> Companions<'a> {
        let (same_image, complete) = (self.same_image.place(), self.complete.place());
        Companions { same_image, complete, is_all_or_none: self.is_all_or_none, moved }
    }
}

impl Companions<'_> {
    /// The registry has the image under all tags, and nothing is to be done.
    pub(super) fn unchanged(&mut self, digest: &Digest) {
        self.same_image.bring(Some(digest.clone()));
        self.complete.bring(digest.clone());
    }

    /// Whether all registries have this very manifest of the image. If they have different ones, or one has none, all
    /// get the one that is pushed, so that its digest is the same everywhere. One that failed does not count.
    pub(super) async fn all_have(&mut self, digest: Option<Digest>) -> bool {
        let (all, _) = self.same_image.meet(digest.clone()).await;
        all.iter().all(|other| *other == digest)
    }

    /// Whether no tag moves before all registries have everything.
    pub(super) fn wait_for_each_other(&self) -> bool {
        self.is_all_or_none
    }

    /// Waits until all registries have everything but the tags.
    ///
    /// # Errors
    /// [`PushError::HeldBack`] where one failed.
    pub(super) async fn all_are_complete(&mut self, digest: &Digest) -> Result<(), PushError> {
        match self.complete.meet(digest.clone()).await {
            (_, 0) => Ok(()),
            _ => Err(PushError::HeldBack),
        }
    }

    /// Notes a tag that has moved.
    pub(super) fn moved(&self, tag: &Tag) {
        self.moved.lock().push(tag.clone());
    }
}
