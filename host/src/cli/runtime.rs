//! What every command that waits for something needs first: threads, and the provider of TLS.

use std::thread;

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

/// Waits for asynchronous work on a thread of its own: in the middle of other such work it can't be waited for. `what`
/// says what has stopped if it panics.
///
/// # Errors
/// Those of the work, and when no threads can be started.
pub(super) fn apart<T: Send, F: Future<Output = Result<T, Failure>>>(
    what: &str,
    work: impl FnOnce() -> F + Send,
) -> Result<T, Failure> {
    let run = || start()?.block_on(work());
    let ended = thread::scope(|scope| scope.spawn(run).join());
    ended.unwrap_or_else(|_| Err(Failure::general(format!("{what} stopped in the middle"))))
}
