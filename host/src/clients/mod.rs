//! Other clients of registries, such as Docker, Podman, skopeo and crane: crhost answers as their credential helper,
//! and writes at the user's word into their files.

mod edits;
mod error;
mod find;
mod helper;
mod install;
mod login;
mod program;
mod server;

pub(crate) use error::ClientError;
pub(crate) use helper::{Found, ask, erase, find_kept, list, registered, store_login};
pub(crate) use install::{Edited, install, uninstall};
pub(crate) use login::{logout, write_login};
pub(crate) use program::{FoundProgram, look, place};
pub(crate) use server::ServerUrl;
