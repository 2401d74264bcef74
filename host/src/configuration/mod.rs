//! What is registered, as a file: registries, connectors by reference, flavors, grants and policies of a team.
//!
//! A file is read into [`Records`] by registering all of it in a store in memory, so that it is held to the same rules
//! as each command is. Those records are what a store is compared with and changed to, in one transaction, and what a
//! run without a store works with. A file holds no secrets: connectors name where their values are, and each use reads
//! them there.

mod apply;
mod components;
mod created;
mod differences;
mod error;
mod export;
mod file;
mod kept;
mod lock;
mod outside;
mod plan;
mod records;
mod stage;

pub(crate) use apply::apply;
pub(crate) use components::{Fetched, Mode, Sources, resolve};
pub(crate) use error::ConfigurationError;
pub(crate) use export::{Exported, export};
#[cfg(test)]
pub(crate) use file::ConfigurationFile;
pub(crate) use file::Evaluated;
pub(crate) use kept::KeptComponents;
pub(crate) use lock::{Lock, lock_of};
pub(crate) use outside::{candidates, check_others};
pub(crate) use plan::{Action, Item, Part, Plan, plan};
pub(crate) use records::Records;
pub(crate) use stage::{Staged, stage};
