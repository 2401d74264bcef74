//! Deletes a manifest with all of its tags, or tags alone: first it is found out what goes, then it goes, by the
//! registry's flavor where that deletes, else over the registry's own protocol.

mod apply;
mod deleted;
mod planned;
mod refusal;
mod settle;
mod uses;

pub(crate) use deleted::{Deleted, Deletion};
pub(crate) use planned::{Planned, plan};
pub(crate) use settle::{ensure_unused, settle};
