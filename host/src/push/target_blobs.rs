//! The blobs of one repository, as the transfers into it that go on side by side know them: each is sent by one of
//! them, and asked for no more once it is known to be there.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::image::{Descriptor, Digest};

/// The blobs of one repository. Clones share what is known.
#[derive(Clone, Default)]
pub(crate) struct TargetBlobs(Arc<Mutex<HashMap<Digest, State>>>);

/// The blobs of a repository, as long as transfers use them.
pub(crate) struct WeakBlobs(Weak<Mutex<HashMap<Digest, State>>>);

impl WeakBlobs {
    /// The blobs, if a transfer uses them.
    pub(crate) fn get(&self) -> Option<TargetBlobs> {
        self.0.upgrade().map(TargetBlobs)
    }

    /// Whether a transfer uses them.
    pub(crate) fn is_used(&self) -> bool {
        self.0.strong_count() > 0
    }
}

/// One blob.
enum State {
    /// The registry has confirmed it, with this size.
    Present(u64),
    /// Locked while a transfer asks for it or sends it.
    Open(Arc<tokio::sync::Mutex<()>>),
}

/// A transfer's turn to send a blob: when this is dropped, the next one has it.
pub(super) struct Turn {
    _guard: Option<OwnedMutexGuard<()>>,
}

impl TargetBlobs {
    /// The same, without keeping them.
    pub(crate) fn weak(&self) -> WeakBlobs {
        WeakBlobs(Arc::downgrade(&self.0))
    }

    /// Whether the registry is known to have a blob.
    pub(super) fn has(&self, blob: &Descriptor) -> bool {
        matches!(self.0.lock().get(&blob.digest), Some(State::Present(size)) if *size == blob.size)
    }

    /// Remembers a blob that the registry has confirmed.
    pub(super) fn add(&self, blob: &Descriptor) {
        self.0.lock().insert(blob.digest.clone(), State::Present(blob.size));
    }

    /// The turn for a blob; `None` while another transfer has it.
    pub(super) fn try_turn(&self, digest: &Digest) -> Option<Turn> {
        match self.open(digest) {
            Some(open) => open.try_lock_owned().ok().map(|guard| Turn { _guard: Some(guard) }),
            None => Some(Turn { _guard: None }),
        }
    }

    /// Waits for the turn for a blob. Whoever waits has no other turn, so that no two wait for each other.
    pub(super) async fn turn(&self, digest: &Digest) -> Turn {
        match self.open(digest) {
            Some(open) => Turn { _guard: Some(open.lock_owned().await) },
            None => Turn { _guard: None },
        }
    }

    /// The lock of a blob that is not known to be there.
    fn open(&self, digest: &Digest) -> Option<Arc<tokio::sync::Mutex<()>>> {
        match self.0.lock().entry(digest.clone()) {
            Entry::Occupied(known) => match known.get() {
                State::Present(_) => None,
                State::Open(open) => Some(Arc::clone(open)),
            },
            Entry::Vacant(new) => {
                let open = Arc::default();
                new.insert(State::Open(Arc::clone(&open)));
                Some(open)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn one_transfer_at_a_time_has_the_turn_for_a_blob_and_the_next_one_when_it_ends() {
        let blobs = TargetBlobs::default();
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        let first = blobs.try_turn(&one).unwrap();
        assert!(blobs.clone().try_turn(&one).is_none() && blobs.turn(&one).now_or_never().is_none());
        assert!(blobs.try_turn(&other).is_some());
        drop(first);
        assert!(blobs.turn(&one).now_or_never().is_some());
    }

    #[test]
    fn a_blob_that_is_there_is_known_by_its_digest_and_its_size() {
        let blobs = TargetBlobs::default();
        let blob = Descriptor::new("", Digest::of(b"blob"), 4);
        let _turn = blobs.try_turn(&blob.digest).unwrap();
        assert!(!blobs.has(&blob));
        blobs.add(&blob);
        assert!(blobs.has(&blob) && blobs.try_turn(&blob.digest).is_some());
        assert!(!blobs.has(&Descriptor::new("", Digest::of(b"blob"), 5)));
    }
}
