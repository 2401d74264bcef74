//! Everything to write a policy: a component that admits what is pushed, copied and deleted.
//!
//! Implement [`Policy`] for a type and hand that type to [`export_policy!`](crate::export_policy). A policy sees what
//! the contract calls [`Subject`] and [`Evidence`], and answers with a [`Decision`]. It may use [`http`](crate::http),
//! [`clock`](crate::clock) and [`log`](crate::log) as a flavor does, and has no secrets.
//!
//! ```
//! use crhost_flavor::policy::{Decision, Description, Evidence, Policy, Subject};
//!
//! struct NoRoot;
//!
//! impl Policy for NoRoot {
//!     fn describe() -> Description {
//!         Description::new("no-root", env!("CARGO_PKG_VERSION"), "Images that run as a user of their own")
//!     }
//!
//!     fn admit(_subject: Subject, evidence: Evidence) -> Decision {
//!         let roots = evidence.images.iter().filter(|image| image.user.is_none());
//!         Decision::deny_all(roots.map(|image| format!("{} runs as root, expected a user", image.label())))
//!     }
//! }
//!
//! crhost_flavor::export_policy!(NoRoot);
//! ```

mod admission;
mod decision;
mod describe;
mod evidence;
#[doc(hidden)]
pub mod export;
pub mod pattern;

pub use admission::{
    Action, BaseImage, Decision, Description, Evidence, HistoryEntry, ImageEvidence, Layer, Operation, OptionKind,
    OptionSpec, Parameter, Policy, Removal, Signature, Subject,
};
