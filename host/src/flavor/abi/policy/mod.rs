//! The world `policy` of the contract: `exports` has the functions of a policy, `lower` and `lift` convert their
//! parameters and results.

mod bindings;
mod exports;
mod lift;
mod lower;

use futures_util::future::BoxFuture;
use wasmtime::Store;

use super::answer::Answer;
use crate::flavor::model::{Decision, Evidence, PolicyDescription, Subject};
use crate::flavor::sandbox::SandboxState;

pub(super) use exports::bind;

/// The interface that every policy exports, up to its version.
pub(super) const ADMISSION_INTERFACE: &str = "crhost:flavor/admission@";

/// The functions of a component that was found to be a policy. Each call instantiates it anew in the store that it is
/// given.
pub(in crate::flavor) trait PolicyContract: Send + Sync {
    /// The description of the policy.
    fn describe<'a>(&'a self, store: &'a mut Store<SandboxState>) -> BoxFuture<'a, Answer<PolicyDescription>>;

    /// Whether something may happen; `options` are the values of its options.
    fn admit<'a>(
        &'a self,
        store: &'a mut Store<SandboxState>,
        subject: &'a Subject,
        options: &'a [(String, String)],
        evidence: &'a Evidence,
    ) -> BoxFuture<'a, Answer<Decision>>;
}
