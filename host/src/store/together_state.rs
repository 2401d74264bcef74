//! The state of the one transaction that changes belong to.

use std::cell::{Cell, RefCell};

use crate::image::Digest;

/// The state of the one transaction that changes belong to.
#[derive(Default)]
pub(super) struct Together {
    is_running: Cell<bool>,
    /// Components that may be unused once it is committed.
    unused: RefCell<Vec<Digest>>,
}

impl Together {
    /// Whether it is running: what is read and changed belongs to it.
    pub(super) fn is_running(&self) -> bool {
        self.is_running.get()
    }

    /// It begins.
    pub(super) fn begin(&self) {
        self.is_running.set(true);
    }

    /// It has ended. Gives the components that may be unused now.
    pub(super) fn end(&self) -> Vec<Digest> {
        self.is_running.set(false);
        self.unused.take()
    }

    /// Has a component looked at after the commit, if it is running.
    pub(super) fn postpone(&self, digest: &Digest) -> bool {
        if self.is_running() {
            self.unused.borrow_mut().push(digest.clone());
        }
        self.is_running()
    }
}
