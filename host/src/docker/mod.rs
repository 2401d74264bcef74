//! Docker on this machine: the credentials in its configuration, and its daemon.
//!
//! Everything is read in the order in which Docker's command line reads it, and nothing is written. A broken file or a
//! failing helper is told at once, and is an error where its credentials turn out to be needed; an unknown context is
//! never another daemon.

mod auths;
mod client;
mod config;
mod context;
mod endpoint;
mod engine;
mod helper;
mod json_file;
mod locate;
mod shown;
mod transport;

pub(crate) use config::{Configuration, Configured, CredentialError};
pub(crate) use engine::{Engine, EngineError, LocalImage};
pub(crate) use locate::{Candidates, LocateError};
