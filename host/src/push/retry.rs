//! Small requests are made again when a registry stumbles: one that is restarted, is busy, or is just moving the same tag for
//! somebody else answers a second later what it could not answer now.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::distribution::Error;

/// The first wait; each further one is twice as long, and both vary, so that clients that failed together do not come back
/// together.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Tries after the first: some six seconds in all, in which a registry's process is restarted.
const FURTHER_TRIES: usize = 5;

/// A registry may ask to be left alone for longer than this; a person would rather hear of it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Asks until the answer is not a passing failure, or it has failed too often.
pub(super) async fn patiently<T, F>(ask: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let waits = ExponentialBuilder::new()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(FURTHER_TRIES)
        .with_jitter();
    ask.retry(waits)
        .when(Error::is_temporary)
        .adjust(|error, wait| {
            let asked = error.retry_after().unwrap_or_default();
            wait.filter(|_| asked <= LONGEST_WAIT).map(|wait| wait.max(asked))
        })
        .notify(|error, wait| tracing::info!("trying again in {:.1} s: {error}", wait.as_secs_f32()))
        .await
}
