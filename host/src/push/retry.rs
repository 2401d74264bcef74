//! Patience: what a registry could not answer now, because it is restarted, is busy, or lies behind a bad line, it is asked
//! again a little later.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable as _};

use crate::distribution::Error;

/// The first wait; each further one is twice as long, and all vary, so that clients that failed together do not come back
/// together.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Tries after the first without any progress: some 13 to 25 seconds in all, in which a registry's process is restarted.
const FURTHER_TRIES: usize = 6;

/// A registry that asks to be left alone for longer than this is asked again after this: so long are the windows in which
/// registries count requests, and what is far beyond them is a mistake.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// When no byte has moved for so long, trying again is no use any more.
const STANDSTILL: Duration = Duration::from_secs(600);

/// The same before anything was begun, where somebody waits for the first sign of life.
const FIRST_SIGN: Duration = Duration::from_secs(30);

/// From here on a wait is worth a line for the person.
const NOTEWORTHY: Duration = Duration::from_secs(5);

/// How often something is tried again, and when.
pub(super) struct Patience {
    waits: ExponentialBackoff,
    since: Instant,
}

impl Patience {
    pub(super) fn new() -> Self {
        Self::with(FURTHER_TRIES)
    }

    pub(super) fn with(further_tries: usize) -> Self {
        Self { waits: waits().with_max_times(further_tries).build(), since: Instant::now() }
    }

    /// Bytes were on their way at this time: a try that took hours was no standstill.
    pub(super) fn moved(&mut self, at: Instant) {
        self.since = self.since.max(at);
    }

    /// How long to wait before the next try; none if too many tries have come to nothing, or that has gone on for too long.
    pub(super) fn wait(&mut self, error: &Error) -> Option<Duration> {
        let wait = self.waits.next().filter(|_| self.since.elapsed() <= STANDSTILL)?;
        Some(wait.max(asked(error)))
    }
}

fn waits() -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(FIRST_WAIT).with_max_times(FURTHER_TRIES).with_jitter()
}

/// How long the registry wants to be left alone, as far as that is believed.
fn asked(error: &Error) -> Duration {
    error.retry().after().unwrap_or_default().min(LONGEST_WAIT)
}

/// What a person is told of a wait.
pub(super) fn told(error: &Error, wait: Duration) -> String {
    let asked = error.retry().after().filter(|asked| *asked > LONGEST_WAIT);
    let instead = asked.map(|asked| format!(" instead of the {} s or more that it asks for", asked.as_secs()));
    format!("trying again in {:.1} s{}: {error}", wait.as_secs_f32(), instead.unwrap_or_default())
}

fn notice(error: &Error, wait: Duration) {
    if wait < NOTEWORTHY {
        tracing::info!("{}", told(error, wait));
    } else {
        tracing::warn!("{}", told(error, wait));
    }
}

/// Asks until the answer is not a passing failure, or it has failed too often.
pub(super) async fn patiently<T, F>(ask: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    while_it_may_pass(ask, STANDSTILL, |error| error.retry().is_possible()).await
}

/// The same for the first question of all. A host that can't be reached is told at once then: its name may be wrong, and
/// nothing was begun.
pub(super) async fn patiently_at_first<T, F>(ask: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let may_pass = |error: &Error| error.retry().is_possible() && !matches!(error, Error::Unreachable { .. });
    while_it_may_pass(ask, FIRST_SIGN, may_pass).await
}

async fn while_it_may_pass<T, F>(
    ask: impl FnMut() -> F,
    limit: Duration,
    may_pass: impl Fn(&Error) -> bool,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let since = Instant::now();
    ask.retry(waits())
        .when(|error| may_pass(error) && since.elapsed() <= limit)
        .adjust(|error, wait| wait.map(|wait| wait.max(asked(error))))
        .notify(notice)
        .await
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn refused(status: StatusCode, retry_after: Option<u64>) -> Error {
        Error::answered(status, retry_after.map(Duration::from_secs))
    }

    #[test]
    fn each_wait_is_longer_than_the_one_before_and_there_is_a_last_one() {
        let mut patience = Patience::new();
        let busy = refused(StatusCode::SERVICE_UNAVAILABLE, None);
        let waits: Vec<Duration> = std::iter::from_fn(|| patience.wait(&busy)).collect();
        assert_eq!(waits.len(), FURTHER_TRIES);
        for (number, wait) in waits.iter().enumerate() {
            let least = FIRST_WAIT * 2_u32.pow(number.try_into().unwrap());
            assert!(*wait >= least && *wait <= least * 2, "{waits:?}");
        }
    }

    #[test]
    fn a_registry_that_asks_for_time_gets_it_within_reason_and_the_person_is_told() {
        for (asked, waited) in [(7, 7), (120, 120), (600, 120)] {
            let error = refused(StatusCode::TOO_MANY_REQUESTS, Some(asked));
            let wait = Patience::new().wait(&error).unwrap();
            assert_eq!(wait, Duration::from_secs(waited));
            let told = told(&error, wait);
            assert!(told.starts_with(&format!("trying again in {waited}.0 s")), "{told}");
            assert_eq!(told.contains("instead of the 600 s or more that it asks for"), asked == 600, "{told}");
            assert!(told.contains("429"), "{told}");
        }
    }

    #[test]
    fn when_nothing_has_moved_for_too_long_nothing_is_tried_again() {
        let error = refused(StatusCode::BAD_GATEWAY, None);
        let mut patience = Patience::new();
        patience.since = Instant::now().checked_sub(STANDSTILL + FIRST_SIGN).unwrap();
        assert_eq!(patience.wait(&error), None);
        patience.moved(Instant::now());
        assert!(patience.wait(&error).is_some());
    }
}
