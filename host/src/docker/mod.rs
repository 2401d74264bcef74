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

pub use auths::EntryError;
pub use config::{ConfigError, Configuration, CredentialError};
pub use context::ContextError;
pub use endpoint::{Address, Endpoint, EndpointError, Identity, Tls};
pub use engine::{Attempt, Engine, EngineError, LocalImage};
pub use environment::Environment;
pub use file::{FileError, Place};
pub use helper::{HelperError, HelperFailure};
pub use locate::{Candidates, LocateError, Origin};

/// The longest text of others in an error: who needs more than a few lines of it runs the program that wrote it.
const MAX_SHOWN: usize = 500;

/// Text of others, fit for an error message.
fn shown(text: &str) -> String {
    crate::text::printable(text, MAX_SHOWN)
}
