//! How long one registry may hold up the others of a push.
//!
//! They go in step: what is read once is sent to all of them, so that the slowest one decides how fast. That has a
//! bound. A registry up to half as fast as the others stays with them, since it decides when the push ends in any case,
//! and to read the image again for it would cost more. One that is slower, or takes nothing at all, goes its own way.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// The time for which any registry is waited for: longer than a registry needs to store a large blob or to be
/// restarted, short enough that the others are hardly late.
pub(super) const SHORT: Duration = Duration::from_secs(10);

/// The same where the image would have to be read from its beginning for a registry that goes its own way, such as by
/// another export of the Docker daemon: the time after which a silent request is given up in any case.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// The time that the others have waited for one registry so far, counted once when several of its layers are late.
pub(super) struct HoldUp {
    start: Instant,
    clock: Mutex<Clock>,
}

struct Clock {
    /// The steps that wait for it now.
    waiting: usize,
    /// When the first of them began to wait.
    since: Instant,
    total: Duration,
}

/// One of several steps that go on together.
pub(super) struct Step<'a, T> {
    /// Of the registry that takes the step.
    pub(super) hold_up: Arc<HoldUp>,
    /// [`SHORT`] or [`LONG`].
    pub(super) allowed: Duration,
    /// The step; nothing if it can't be taken.
    pub(super) work: BoxFuture<'a, Option<T>>,
}

/// The end of a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<T> {
    /// It was taken.
    Done(T),
    /// It can't be taken.
    Failed,
    /// The others go on without it.
    Behind,
}

impl HoldUp {
    /// No time was lost yet.
    pub(super) fn new() -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self { start: now, clock: Mutex::new(Clock { waiting: 0, since: now, total: Duration::ZERO }) })
    }

    /// Whether the others wait no more for a registry that can be served by another reading.
    pub(super) fn is_used_up(&self) -> bool {
        self.left(SHORT).is_zero()
    }

    /// The time for which the others still wait: what is always allowed, and half of the time that has passed.
    fn left(&self, allowed: Duration) -> Duration {
        let (now, clock) = (Instant::now(), self.clock.lock());
        let current = if clock.waiting > 0 { now.duration_since(clock.since) } else { Duration::ZERO };
        (allowed + now.duration_since(self.start) / 2).saturating_sub(clock.total + current)
    }

    fn begin(&self) -> Waiting<'_> {
        let mut clock = self.clock.lock();
        if clock.waiting == 0 {
            clock.since = Instant::now();
        }
        clock.waiting += 1;
        Waiting(self)
    }

    /// Ends when the others have waited long enough.
    async fn used_up(&self, allowed: Duration) {
        let _waiting = self.begin();
        loop {
            match self.left(allowed) {
                Duration::ZERO => return,
                left => sleep(left).await,
            }
        }
    }
}

/// A step that the others wait for, until this is dropped.
struct Waiting<'a>(&'a HoldUp);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut clock = self.0.clock.lock();
        clock.waiting -= 1;
        if clock.waiting == 0 {
            let since = clock.since;
            clock.total += since.elapsed();
        }
    }
}

/// Takes steps together. The first one has all the time that it needs; then each of the others may hold that one up for
/// as long as its registry may.
pub(super) async fn in_step<T>(steps: Vec<Step<'_, T>>) -> Vec<Ended<T>> {
    let (ahead, _) = watch::channel(false);
    let taken = steps.into_iter().map(|Step { hold_up, allowed, mut work }| {
        let ahead = &ahead;
        async move {
            let mut is_ahead = ahead.subscribe();
            // The sender is there until all steps have ended.
            let too_late = async {
                let _ = is_ahead.wait_for(|ahead| *ahead).await;
                hold_up.used_up(allowed).await;
            };
            let ended = match (&mut work).now_or_never() {
                Some(ended) => ended,
                None => tokio::select! {
                    ended = work => ended,
                    () = too_late => return Ended::Behind,
                },
            };
            match ended {
                Some(done) => {
                    ahead.send_replace(true);
                    Ended::Done(done)
                }
                None => Ended::Failed,
            }
        }
    });
    join_all(taken).await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    fn step<T: 'static>(
        hold_up: &Arc<HoldUp>,
        work: impl Future<Output = Option<T>> + Send + 'static,
    ) -> Step<'static, T> {
        Step { hold_up: Arc::clone(hold_up), allowed: Duration::from_millis(20), work: work.boxed() }
    }

    #[tokio::test]
    async fn one_that_takes_nothing_holds_the_others_up_for_a_while_and_then_no_more() {
        let (quick, stalled) = (HoldUp::new(), HoldUp::new());
        let steps = || vec![step(&quick, ready(Some(1))), step(&stalled, pending())];
        assert_eq!(in_step(steps()).await, [Ended::Done(1), Ended::Behind]);
        assert!(stalled.left(Duration::ZERO).is_zero() && !quick.left(Duration::from_millis(20)).is_zero());
    }

    #[tokio::test]
    async fn nothing_is_late_while_none_is_ahead_and_a_failure_is_not_ahead() {
        let (one, other) = (HoldUp::new(), HoldUp::new());
        let slow = async {
            sleep(Duration::from_millis(60)).await;
            Some(1)
        };
        let steps = vec![step(&one, ready(None)), step(&other, slow)];
        assert_eq!(in_step(steps).await, [Ended::Failed, Ended::Done(1)]);
        assert_eq!(other.clock.lock().total, Duration::ZERO);
    }

    #[tokio::test]
    async fn layers_that_are_late_together_count_once() {
        let hold_up = HoldUp::new();
        let late = [hold_up.begin(), hold_up.begin(), hold_up.begin()];
        let before = Instant::now();
        sleep(Duration::from_millis(10)).await;
        drop(late);
        let total = hold_up.clock.lock().total;
        assert!(
            total >= Duration::from_millis(10) && total <= before.elapsed() + Duration::from_millis(10),
            "{total:?}"
        );
    }
}
