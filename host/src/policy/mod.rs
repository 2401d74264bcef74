//! Policies: components that admit what is pushed, copied and deleted.
//!
//! [`Gate`] asks those that apply, before the first byte is sent and before anything is created. A policy that gives no
//! decision is against it. [`Policies`] registers and changes them.

mod calls;
mod error;
mod evidence;
mod gate;
mod load;
mod policies;
mod ruling;
mod scope;
mod stored;
mod verdict;

pub(crate) use crate::flavor::{Action, Evidence, Removal, SignatureEvidence, Subject};
pub(crate) use calls::{Asked, Deletion};
pub(crate) use error::PolicyError;
pub(crate) use gate::Gate;
pub(crate) use load::built_in;
pub(crate) use policies::{Candidate, Change, Policies, Registration};
pub(crate) use ruling::{Outcome, Ruling, Warning};
pub(crate) use stored::evidence_of;
