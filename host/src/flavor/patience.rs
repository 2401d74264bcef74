//! Asking a flavor again when the service behind it has asked for a little time.

use std::time::Duration;

use backon::{ConstantBuilder, Retryable as _};

use super::error::CallError;
use super::model::FailureKind;

/// Calls after the first. Services that are throttling answer the second or third; more calls only feed the throttle.
const FURTHER_CALLS: usize = 3;
/// A service may ask to be left alone for longer than this; a person would rather hear of it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Also where a service says "at once": so many clients believe it that it is never true.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// Calls until the answer is no request to come back later, or that has been the answer too often, or it is too late.
pub(super) async fn patiently<T, F>(call: impl FnMut() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    call.retry(ConstantBuilder::new().with_delay(SHORTEST_WAIT).with_max_times(FURTHER_CALLS))
        .adjust(|error, wait| match asked_wait(error) {
            Some(asked) if asked <= LONGEST_WAIT => wait.map(|wait| wait.max(asked)),
            _ => None,
        })
        .notify(|error, wait| tracing::info!("trying again in {:.1} s: {error}", wait.as_secs_f32()))
        .await
}

/// How long the other side wants to be left alone; none if trying again is no use.
fn asked_wait(error: &CallError) -> Option<Duration> {
    match error {
        CallError::Refused { failure, .. } if failure.kind == FailureKind::Unavailable => failure.retry_after,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::model::Failure;
    use super::*;

    fn refused(kind: FailureKind, retry_after: Option<u64>) -> CallError {
        let retry_after = retry_after.map(Duration::from_secs);
        let failure = Failure { kind, message: "busy".to_owned(), hint: None, retry_after };
        CallError::Refused { flavor: "test".parse().unwrap(), failure, grant: None }
    }

    async fn calls(fails: usize, kind: FailureKind, retry_after: Option<u64>) -> (usize, bool) {
        let calls = Cell::new(0);
        let call = async || {
            calls.set(calls.get() + 1);
            if calls.get() > fails { Ok(()) } else { Err(refused(kind, retry_after)) }
        };
        let ok = patiently(call).await.is_ok();
        (calls.get(), ok)
    }

    #[tokio::test]
    async fn a_service_that_asks_for_time_gets_it_a_few_times() {
        assert_eq!(calls(2, FailureKind::Unavailable, Some(0)).await, (3, true));
        assert_eq!(calls(9, FailureKind::Unavailable, Some(0)).await, (4, false));
    }

    #[tokio::test]
    async fn nothing_else_is_tried_again() {
        assert_eq!(calls(1, FailureKind::Unavailable, None).await, (1, false));
        assert_eq!(calls(1, FailureKind::Unavailable, Some(31)).await, (1, false));
        assert_eq!(calls(1, FailureKind::Denied, Some(1)).await, (1, false));
    }
}
