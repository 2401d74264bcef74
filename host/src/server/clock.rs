//! The server's clock against that of its database. Tokens hold, and logins end, by a clock; servers that share a
//! database tell each other these ends. One whose clock is wrong gives no login: it could hand out one that has ended,
//! or refuse a caller whose token holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::time::interval;

use super::metrics::Metrics;
use super::stores::Stores;
use crate::store::{ClockDifference, Sight, Store};

/// The clocks are compared at each request that looks at the store, and so often besides.
const COMPARED: Duration = Duration::from_secs(15);

/// What is known of the clock.
pub(crate) struct Clock {
    /// Seconds by which it is ahead of the database's.
    ahead: AtomicI64,
    metrics: Arc<Metrics>,
}

impl Clock {
    /// Compares it now, and again and again as long as it is used.
    pub(crate) async fn start(stores: Arc<Stores>, metrics: Arc<Metrics>) -> Arc<Self> {
        let clock = Arc::new(Self { ahead: AtomicI64::default(), metrics });
        clock.compare(&stores).await;
        let compared = Arc::downgrade(&clock);
        tokio::spawn(async move {
            let mut times = interval(COMPARED);
            times.tick().await;
            loop {
                times.tick().await;
                // It ends with the server.
                let Some(clock) = compared.upgrade() else { return };
                clock.compare(&stores).await;
            }
        });
        clock
    }

    async fn compare(&self, stores: &Arc<Stores>) {
        // That the database does not answer is told to those who ask for logins.
        if let Ok(sight) = stores.with(Store::look).await {
            // It is told by `check`.
            let _checked: Result<(), ClockDifference> = self.note(sight);
        }
    }

    /// Notes what was seen of the clocks.
    ///
    /// # Errors
    /// When they differ too much.
    pub(crate) fn note(&self, sight: Sight) -> Result<(), ClockDifference> {
        let seconds = sight.clock.seconds();
        let before = ClockDifference::from(self.ahead.swap(seconds, Ordering::Relaxed));
        self.metrics.clock_difference.set(usize::try_from(seconds.unsigned_abs()).unwrap_or(usize::MAX));
        match (before.is_too_large(), sight.clock.is_too_large()) {
            (false, true) => tracing::error!("no login is given: {}", words(sight.clock)),
            (true, false) => tracing::warn!("logins are given again: this server's clock and its database's agree"),
            _ => {}
        }
        self.check()
    }

    /// Whether ends can be told by this clock, as far as is known.
    ///
    /// # Errors
    /// When it is too far from that of the database.
    pub(crate) fn check(&self) -> Result<(), ClockDifference> {
        let difference = ClockDifference::from(self.ahead.load(Ordering::Relaxed));
        if difference.is_too_large() { Err(difference) } else { Ok(()) }
    }
}

/// What is wrong with the clocks.
pub(crate) fn words(difference: ClockDifference) -> String {
    let (seconds, is_ahead) = (difference.seconds().unsigned_abs(), difference.seconds() > 0);
    let side = if is_ahead { "ahead of" } else { "behind" };
    format!("this server's clock is {seconds} seconds {side} that of its database: expected at most a minute")
}
