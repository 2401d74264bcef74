//! Retries with exponential backoff, for requests that a registry can't answer now because it restarts, is busy, or
//! lies behind a bad line.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable as _};

use crate::distribution::Error;
use crate::spans;

/// The first wait. Each further one is twice as long, and all are varied, so that clients that failed together do not
/// come back together.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Tries after the first without progress. Together they take 13 to 25 seconds, in which a registry's process is
/// restarted.
const FURTHER_TRIES: usize = 6;

/// Tries after the first of a question that a registry answers and leaves open, such as with 500 for good: together one
/// and a half to three seconds. The work goes on without the answer, and what it sends next is tried as often as above.
pub(crate) const OPEN_TRIES: usize = 3;

/// Further questions for something that was just stored: together with their waits, three to six seconds.
const UNSEEN_TRIES: usize = 4;

/// The longest wait. A registry may ask for one up to this, as long as the windows are in which registries count
/// requests; one that asks for more is retried after this.
const MAX_WAIT: Duration = Duration::from_secs(120);

/// The longest time without any byte moving after which something is still retried.
const MAX_STALL: Duration = Duration::from_secs(600);

/// The same for the first request, for which the user waits without having seen anything.
const FIRST_CONTACT_LIMIT: Duration = Duration::from_secs(30);

/// Time within which the same cause is not told again: longer than the waits between most tries, and short enough that
/// a push which stalls for minutes shows why.
const TOLD_FOR: Duration = Duration::from_secs(10);

/// Waits from this length on are shown to the user.
const NOTEWORTHY: Duration = Duration::from_secs(5);

/// The target of log lines about requests that are made again. Where a push is told in events, they are events of that.
pub(crate) const RETRIES: &str = "crhost::push::retries";

/// Counts the tries of something, and gives the waits between them.
pub(crate) struct Backoff {
    waits: ExponentialBackoff,
    tries: usize,
    start: Instant,
    since: Instant,
}

impl Backoff {
    /// The usual number of tries.
    pub(crate) fn new() -> Self {
        Self::of_tries(FURTHER_TRIES)
    }

    /// So many tries after the first.
    pub(crate) fn of_tries(further_tries: usize) -> Self {
        let now = Instant::now();
        Self { waits: waits().with_max_times(further_tries).build(), tries: 1, start: now, since: now }
    }

    /// Takes into account that bytes were on their way at this time: a try of several hours was no stall.
    pub(crate) fn progressed(&mut self, at: Instant) {
        self.since = self.since.max(at);
    }

    /// The wait before the next try; none after too many tries, or too long a time, without progress.
    pub(crate) fn next(&mut self, error: &Error) -> Option<Duration> {
        let wait = self.waits.next().filter(|_| self.since.elapsed() <= MAX_STALL)?;
        self.tries += 1;
        let wait = wait.max(requested(error));
        spans::retry(wait, error);
        Some(wait)
    }

    /// Tells the user how much was tried, before the error that ended it.
    pub(crate) fn gave_up(&self) {
        tell_end(self.tries, self.start);
    }
}

fn waits() -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(FIRST_WAIT).with_max_times(FURTHER_TRIES).with_jitter()
}

/// The wait that the registry asks for, up to [`MAX_WAIT`].
fn requested(error: &Error) -> Duration {
    error.retry().after().unwrap_or_default().min(MAX_WAIT)
}

/// Describes a wait and its reason to the user.
pub(crate) fn describe(error: &Error, wait: Duration) -> String {
    let requested = error.retry().after().filter(|requested| *requested > MAX_WAIT);
    let instead = requested.map(|wait| format!(" instead of the {} s or more that it asks for", wait.as_secs()));
    // Tenths of a second tell short waits apart; in long ones they are noise.
    let decimals = usize::from(wait < Duration::from_secs(1));
    format!("trying again in {:.decimals$} s{}: {error}", wait.as_secs_f32(), instead.unwrap_or_default())
}

/// Whether the user was told of the same cause a moment ago: what stops one request stops all that are under way.
pub(crate) fn told_before(error: &Error) -> bool {
    static TOLD: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());
    let (cause, now) = (cause(&error.to_string()), Instant::now());
    let mut told = TOLD.lock();
    told.retain(|(_, at)| now.duration_since(*at) < TOLD_FOR);
    let is_told = told.iter().any(|(other, _)| *other == cause);
    if !is_told {
        told.push((cause, now));
    }
    is_told
}

/// An error without what differs between requests that failed for the same reason: everything quoted but the server,
/// which comes first, as far as it is no digest or URL.
fn cause(error: &str) -> String {
    let differs =
        |quoted: &str| quoted.starts_with("sha256:") || quoted.starts_with("sha512:") || quoted.contains("://");
    // Every second part is quoted.
    let stays = |(at, part): &(usize, &str)| at % 2 == 0 || (*at == 1 && !differs(part));
    error.split('`').enumerate().filter(stays).map(|(_, part)| part).collect()
}

fn log(error: &Error, wait: Duration) {
    spans::retry(wait, error);
    if wait < NOTEWORTHY || told_before(error) {
        tracing::info!(target: RETRIES, "{}", describe(error, wait));
    } else {
        tracing::warn!(target: RETRIES, "{}", describe(error, wait));
    }
}

/// Says that nothing is tried any more, if anything was tried again.
fn tell_end(tries: usize, start: Instant) {
    if tries > 1 {
        tracing::warn!("gave up after {tries} tries in {} s", start.elapsed().as_secs());
    }
}

/// Repeats a request until it succeeds, fails for good, or has failed too often.
pub(crate) async fn retry<T, F>(request: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    retry_while(request, MAX_STALL, |error| error.retry().is_possible()).await.map_err(Failed::tell)
}

/// The same for the first request of all. A host that can't be reached is an error at once: its name may be wrong,
/// and no work is lost.
pub(crate) async fn retry_first_contact<T, F>(request: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let is_temporary = |error: &Error| {
        error.retry().is_possible() && !matches!(error, Error::Unreachable { .. } | Error::Proxy { .. })
    };
    retry_while(request, FIRST_CONTACT_LIMIT, is_temporary).await.map_err(Failed::tell)
}

/// Asks the registry something that is an optimisation or a second look: `None` where it answers, but leaves the
/// question open, as some do for good.
///
/// # Errors
/// Where the registry can't be reached.
pub(crate) async fn ask<T, F>(question: impl FnMut() -> F) -> Result<Option<T>, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut open = 0;
    let is_temporary = |error: &Error| {
        open += usize::from(error.leaves_open());
        error.is_worth_asking_again() && open <= OPEN_TRIES
    };
    match retry_while(question, MAX_STALL, is_temporary).await {
        Ok(answer) => Ok(Some(answer)),
        Err(Failed { error, .. }) if error.leaves_open() => {
            tracing::debug!("a question was not answered: {error}");
            Ok(None)
        }
        Err(failed) => Err(failed.tell()),
    }
}

/// The waits between questions for something that a registry took a moment ago and does not see yet: those that keep
/// several copies may answer from another one for some seconds.
pub(crate) fn unseen_waits() -> ExponentialBackoff {
    waits().with_max_times(UNSEEN_TRIES).build()
}

/// The waits between tries of a push that another program makes, which tries its own requests again: together one and a
/// half to three seconds.
pub(crate) fn waits_for_others() -> ExponentialBackoff {
    waits().with_max_times(OPEN_TRIES).build()
}

/// A request that failed for good, or as often as it was tried.
struct Failed {
    error: Error,
    tries: usize,
    start: Instant,
}

impl Failed {
    /// The error, of which the user is told how often it came if it is one that may pass.
    fn tell(self) -> Error {
        if self.error.retry().is_possible() {
            tell_end(self.tries, self.start);
        }
        self.error
    }
}

async fn retry_while<T, F>(
    request: impl FnMut() -> F,
    limit: Duration,
    mut is_temporary: impl FnMut(&Error) -> bool,
) -> Result<T, Failed>
where
    F: Future<Output = Result<T, Error>>,
{
    let (start, mut tries) = (Instant::now(), 1);
    let ended = request
        .retry(waits())
        .when(|error| is_temporary(error) && start.elapsed() <= limit)
        .adjust(|error, wait| wait.map(|wait| wait.max(requested(error))))
        .notify(|error, wait| {
            tries += 1;
            log(error, wait);
        })
        .await;
    ended.map_err(|error| Failed { error, tries, start })
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
        let mut backoff = Backoff::new();
        let busy = refused(StatusCode::SERVICE_UNAVAILABLE, None);
        let waits: Vec<Duration> = std::iter::from_fn(|| backoff.next(&busy)).collect();
        assert_eq!(waits.len(), FURTHER_TRIES);
        for (number, wait) in waits.iter().enumerate() {
            let least = FIRST_WAIT * 2_u32.pow(number.try_into().unwrap());
            assert!(*wait >= least && *wait <= least * 2, "{waits:?}");
        }
    }

    #[test]
    fn a_registry_that_asks_for_time_gets_it_within_reason_and_the_user_is_told() {
        for (asked, waited) in [(7, 7), (120, 120), (600, 120)] {
            let error = refused(StatusCode::TOO_MANY_REQUESTS, Some(asked));
            let wait = Backoff::new().next(&error).unwrap();
            assert_eq!(wait, Duration::from_secs(waited));
            let told = describe(&error, wait);
            assert!(told.starts_with(&format!("trying again in {waited} s")), "{told}");
            assert_eq!(told.contains("instead of the 600 s or more that it asks for"), asked == 600, "{told}");
            assert!(told.contains("429"), "{told}");
        }
    }

    #[test]
    fn layers_that_fail_for_the_same_reason_are_one_line() {
        let of =
            |digest: &str| format!("registry `localhost:5000` answered the upload of blob `sha256:{digest}` with 503");
        assert_eq!(cause(&of("aa")), cause(&of("bb")));
        assert_ne!(cause(&of("aa")), cause(&of("aa").replace("503", "429")));
        let busy = |tag: &str| format!("registry `r.io` answered 429 to the question for manifest `{tag}` of `a/b`");
        assert_eq!(cause(&busy("v1")), cause(&busy("v2")));
        assert_ne!(cause(&busy("v1")), cause(&busy("v1").replace("r.io", "s.io")));
        let unique = Error::Setup("told once, and not again a moment later".into());
        assert!(!told_before(&unique));
        assert!(told_before(&unique));
    }

    #[test]
    fn when_nothing_has_moved_for_too_long_nothing_is_tried_again() {
        let error = refused(StatusCode::BAD_GATEWAY, None);
        let mut backoff = Backoff::new();
        backoff.since = Instant::now().checked_sub(MAX_STALL + FIRST_CONTACT_LIMIT).unwrap();
        assert_eq!(backoff.next(&error), None);
        backoff.progressed(Instant::now());
        assert!(backoff.next(&error).is_some());
    }
}
