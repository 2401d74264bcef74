//! What crhost shares with Docker on this machine: the credentials in its configuration, and its daemon.
//!
//! It reads what Docker's own command line reads, in the same order, and writes nothing. It never answers in doubt: a
//! broken file, a failing helper or an unknown context is an error, never "anonymous" and never another daemon.

mod auths;
mod config;
mod context;
mod endpoint;
mod engine;
mod environment;
mod file;
mod helper;
mod locate;
mod transport;

pub(crate) use config::{Configuration, CredentialError};
pub(crate) use engine::{Engine, EngineError, LocalImage};
pub(crate) use environment::Environment;
pub(crate) use locate::{Candidates, LocateError};

/// The longest text of others in an error: who needs more than a few lines of it runs the program that wrote it.
const MAX_SHOWN: usize = 500;

/// Text of others, fit for an error message.
fn shown(text: &str) -> String {
    crate::text::printable(text, MAX_SHOWN)
}
