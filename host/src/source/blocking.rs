//! Work that waits for files, away from the threads that everything else runs on.

use super::error::SourceError;

/// Does the work.
///
/// # Errors
/// Those of the work; and when it panics.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SourceError> + Send + 'static,
) -> Result<T, SourceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panicked) => Err(SourceError::Thread(panicked.to_string().into())),
    }
}
