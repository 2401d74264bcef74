//! Retries of calls that fail because a service behind the flavor asks for time.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable as _};

use super::error::CallError;
use crate::spans;

/// Calls after the first. A service that throttles answers the second or third call; more of them only feed the
/// throttle.
const RETRIES: usize = 3;
/// The longest wait. Where a service asks for more, the user is better served by the error.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The shortest wait, also after "retry after 0 s": a service that is overloaded is not ready again at once.
const MIN_WAIT: Duration = Duration::from_millis(100);

/// Calls, and calls again while the failure is `Unavailable` or `RateLimited` with a
/// `retry-after` of at most [`MAX_WAIT`], up to [`RETRIES`] times.
///
/// # Errors
/// The last call's.
pub(super) async fn retry_unavailable<T, F>(call: impl FnMut() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    call.retry(ConstantBuilder::new().with_delay(MIN_WAIT).with_max_times(RETRIES))
        .adjust(|error, wait| match error.retry_after() {
            Some(after) if after <= MAX_WAIT => wait.map(|wait| wait.max(after)),
            _ => None,
        })
        .notify(|error, wait| {
            spans::retry(wait, error);
            tracing::info!("trying again in {:.1} s: {error}", wait.as_secs_f32());
        })
        .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::model::{Failure, FailureKind};
    use super::*;

    fn refused(kind: FailureKind, retry_after: Option<u64>) -> CallError {
        let retry_after = retry_after.map(Duration::from_secs);
        let failure = Failure { kind, message: "busy".into(), hint: None, retry_after };
        CallError::Refused { flavor: "test".parse().unwrap(), failure, grant: None }
    }

    async fn calls(fails: usize, kind: FailureKind, retry_after: Option<u64>) -> (usize, bool) {
        let calls = Cell::new(0);
        let call = async || {
            calls.set(calls.get() + 1);
            if calls.get() > fails { Ok(()) } else { Err(refused(kind, retry_after)) }
        };
        let ok = retry_unavailable(call).await.is_ok();
        (calls.get(), ok)
    }

    #[tokio::test]
    async fn a_service_that_asks_for_time_gets_it_a_few_times() {
        assert_eq!(calls(2, FailureKind::Unavailable, Some(0)).await, (3, true));
        assert_eq!(calls(9, FailureKind::Unavailable, Some(0)).await, (4, false));
        assert_eq!(calls(1, FailureKind::RateLimited, Some(0)).await, (2, true));
    }

    #[tokio::test]
    async fn nothing_else_is_tried_again() {
        assert_eq!(calls(1, FailureKind::Unavailable, None).await, (1, false));
        assert_eq!(calls(1, FailureKind::Unavailable, Some(31)).await, (1, false));
        assert_eq!(calls(1, FailureKind::Denied, Some(1)).await, (1, false));
    }
}
