//! Docker on this machine: the credentials in its configuration, and its daemon.
//!
//! Everything is read in the order in which Docker's command line reads it. A broken file or a failing helper is told
//! at once, and is an error where its credentials turn out to be needed; an unknown context is never another daemon.
//! What is written into a file of Docker's is one key at the user's word, and the rest stays as it is.

mod auths;
pub(crate) mod buildkit;
mod client;
mod config;
mod context;
mod edit;
mod endpoint;
mod engine;
mod helper;
mod json_file;
mod locate;
pub(crate) mod protocol;
mod shown;
mod transport;

pub(crate) use config::audit::NamedHelper;
pub(crate) use config::{Configuration, Configured, CredentialError};
pub(crate) use edit::{ClientFile, EditError};
pub(crate) use engine::{
    About, ApiVersion, Engine, EngineError, ErrorDetail, LocalImage, Message, Upload, UploadFailure, login_header,
};
pub(crate) use helper::HelperFailure;
pub(crate) use locate::{Candidates, Chosen, LocateError, Origin};
