//! What every command that waits for something needs first: threads, and the provider of TLS.

use tokio::runtime::{Builder, Runtime};

use super::failure::Failure;
use crate::text::Foreign;

/// Starts the threads of this process.
///
/// # Errors
/// When the operating system gives none.
pub(super) fn start() -> Result<Runtime, Failure> {
    // The one provider of TLS, for every connection of this process. Fails only if there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let started = Builder::new_multi_thread().enable_all().build();
    started.map_err(|error| Failure::general(format!("no threads can be started: {}", Foreign(error))))
}
