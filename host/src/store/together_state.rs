//! The state of the one transaction that several changes belong to.

use std::cell::{Cell, RefCell};

use super::audit::AuditRecord;
use crate::image::Digest;

/// Whether there is one, and what follows it.
#[derive(Default)]
pub(super) struct Together {
    is_running: Cell<bool>,
    /// Components that may be unused once it is committed.
    unused: RefCell<Vec<Digest>>,
    /// What is added to the audit at its end.
    records: RefCell<Vec<AuditRecord>>,
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

    /// Has a record added to the audit before the commit, if it is running; otherwise gives it back.
    pub(super) fn record(&self, record: AuditRecord) -> Option<AuditRecord> {
        if !self.is_running() {
            return Some(record);
        }
        self.records.borrow_mut().push(record);
        None
    }

    /// The records to add.
    pub(super) fn records(&self) -> Vec<AuditRecord> {
        self.records.take()
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
