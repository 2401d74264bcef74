//! Other clients of registries, such as Docker, Podman, skopeo and crane: crhost answers as their credential helper,
//! and writes at the user's word into their files.

mod edits;
mod error;
mod find;
mod helper;
mod install;
mod login;
mod named;
mod program;
mod search_path;
mod server;
mod turn;

pub(crate) use error::ClientError;
pub(crate) use helper::{Found, ask, erase, find_kept, list, registered, store_login};
pub(crate) use install::{Edited, ambiguous, asks_crhost, install, preview, uninstall};
pub(crate) use login::{authfile_option, check_is_read, logout, write_login};
pub(crate) use named::{Named, named};
pub(crate) use program::{FoundProgram, look};
pub(crate) use program::{Program, find as find_program, place as place_program, remove as remove_program};
pub(crate) use server::ServerUrl;
pub(crate) use turn::Turn;
