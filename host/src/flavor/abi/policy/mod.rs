//! The world `policy` of the contract: `contract` names the functions of a policy, `exports` has them, `lower` and
//! `lift` convert their parameters and results.

mod bindings;
mod contract;
mod exports;
mod lift;
mod lower;

pub(super) use contract::ADMISSION_INTERFACE;
pub(in crate::flavor) use contract::PolicyContract;
pub(super) use exports::bind;
