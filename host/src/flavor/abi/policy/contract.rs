//! A policy, as the host sees it: its interface, and its functions.

use futures_util::future::BoxFuture;
use wasmtime::Store;

use crate::flavor::abi::answer::Answer;
use crate::flavor::model::{Decision, Evidence, PolicyDescription, Subject};
use crate::flavor::sandbox::SandboxState;

/// The interface that every policy exports, up to its version.
pub(in crate::flavor::abi) const ADMISSION_INTERFACE: &str = "crhost:flavor/admission@";

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
