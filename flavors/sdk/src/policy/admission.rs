//! The contract's functions as one trait, and its types.

pub use crate::policy_bindings::exports::crhost::flavor::admission::{
    Action, BaseImage, Decision, Evidence, HistoryEntry, ImageEvidence, Layer, Operation, OptionKind, OptionSpec,
    Parameter, PolicyDescription as Description, Removal, Signature, Subject,
};

/// A policy: the exports of `crhost:flavor/admission`.
pub trait Policy {
    /// Describes the policy: static facts, the same at every call; must not call the host.
    fn describe() -> Description;

    /// Decides whether `subject` may happen.
    ///
    /// Called before the first byte is sent and before anything is created; for a deletion once, with all of it. A
    /// policy that panics, or takes longer than the host allows, has denied.
    fn admit(subject: Subject, evidence: Evidence) -> Decision;
}
