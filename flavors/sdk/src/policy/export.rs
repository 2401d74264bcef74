//! The macro that turns a type into a policy's exports.

use std::marker::PhantomData;

use super::admission::{Decision, Description, Evidence, Policy, Subject};
use crate::panic::report_panics;
use crate::policy_bindings::exports::crhost::flavor::admission;

/// Exports a type that implements [`Policy`](crate::policy::Policy) as this component's policy; once per crate.
///
/// A panic of the policy is written to the log, at level warn, before the component traps.
#[macro_export]
macro_rules! export_policy {
    ($policy:ty) => {
        const _: () = {
            // As for flavors: unit tests are native, and only check the type.
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::policy::export::Reporting<$policy>;
            #[cfg(target_arch = "wasm32")]
    $crate::policy_bindings::export_policy_guest!(Exported with_types_in $crate::policy_bindings);
            #[cfg(not(target_arch = "wasm32"))]
            const _: fn() = $crate::policy::export::is_policy::<$policy>;
        };
    };
}

/// Has the compiler check that a type is a policy.
pub fn is_policy<P: Policy>() {}

/// The policy `P`, with its panics reported: the type that [`export_policy!`](crate::export_policy) exports.
pub struct Reporting<P>(PhantomData<P>);

impl<P: Policy> admission::Guest for Reporting<P> {
    fn describe() -> Description {
        report_panics();
        P::describe()
    }

    fn admit(subject: Subject, evidence: Evidence) -> Decision {
        report_panics();
        P::admit(subject, evidence)
    }
}
