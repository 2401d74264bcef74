//! The audit: who did what, for which registry, by which component, with which outcome; never a secret.
//!
//! Rows are only added. Each has a hash of itself and of the hash before it, so that a row that was changed, removed or
//! moved is found by whoever walks the chain. [The canonical form](../../../../docs/explanation/audit.md) is part of
//! the interface: others verify it without crhost.

mod action;
mod actor;
mod chain;
mod fault;
mod head;
mod machine;
mod record;
mod time;

pub(crate) use action::{AuditAction, AuditActions};
pub(crate) use actor::AuditActor;
pub(super) use chain::{append, hash};
pub(crate) use fault::AuditFault;
pub(crate) use head::AuditHead;
pub(super) use machine::local;
pub(crate) use record::{AuditOutcome, AuditRecord};
pub(crate) use time::AuditTime;
