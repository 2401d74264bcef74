//! Work with files, which blocks.

use super::error::PullError;

/// Does something that blocks on a thread of its own.
///
/// # Errors
/// If it panics.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PullError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panicked| PullError::Task(panicked.to_string().into()))
}
