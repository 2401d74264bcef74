//! The state of the one transaction that several changes belong to.

use std::cell::{Cell, RefCell};

use crate::image::Digest;

/// Whether there is one, and what follows it.
#[derive(Default)]
pub(super) struct Together {
    is_running: Cell<bool>,
    /// Components that may be unused once it is committed.
    unused: RefCell<Vec<Digest>>,
}

/// While this lives, it is running.
pub(super) struct Started<'a>(&'a Together);

impl Together {
    /// Has what is read and changed belong to it.
    pub(super) fn start(&self) -> Started<'_> {
        self.is_running.set(true);
        Started(self)
    }

    /// Whether it is running.
    pub(super) fn is_running(&self) -> bool {
        self.is_running.get()
    }

    /// Has a component looked at after the commit, if it is running.
    pub(super) fn postpone(&self, digest: &Digest) -> bool {
        if self.is_running() {
            self.unused.borrow_mut().push(digest.clone());
        }
        self.is_running()
    }

    /// The components to look at.
    pub(super) fn unused(&self) -> Vec<Digest> {
        self.unused.take()
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        self.0.is_running.set(false);
    }
}
