//! The world `policy` of the contract: `exports` has the functions of a policy, `lower` and `lift` convert their
//! parameters and results.

mod bindings;
mod contract;
mod exports;
mod lift;
mod lower;

pub(super) use contract::ADMISSION_INTERFACE;
pub(in crate::flavor) use contract::PolicyContract;
pub(super) use exports::bind;
