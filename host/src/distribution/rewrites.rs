//! Turns of one writer among several that read a manifest, add to it, and write it: registries know no conditional
//! requests, so that of two who read the same one, the later overwrites what the other added. Each therefore reads
//! again what is there, after a time in which another that had read the old one has written its own, and writes again
//! until what it added stays.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::time::sleep;

/// How often something is written before its registry is taken for one that doesn't show what it has: more writers at
/// once than this are no usual case, and each of them gets its turn.
const WRITES: usize = 8;

/// The shortest time between a write and the question whether it stayed: for a registry beside this process.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// The longest one. Reading and writing one manifest takes less than half of it.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// One turn: what is there is read, changed and written.
pub(crate) struct Rewrite {
    start: Instant,
    pause: Duration,
}

/// The turns of a writer, each of which begins when it is taken.
pub(crate) fn rewrites() -> impl Iterator<Item = Rewrite> {
    let pauses = ExponentialBuilder::new().with_min_delay(SHORTEST_PAUSE).with_jitter();
    let pauses = pauses.with_max_delay(LONGEST_PAUSE).with_max_times(WRITES).build();
    pauses.map(|pause| Rewrite { start: Instant::now(), pause })
}

impl Rewrite {
    /// Waits after a write until another writer, who takes as long as this one did, has written what it read before.
    pub(crate) async fn settle(self) {
        sleep(self.pause.max(self.start.elapsed() * 2).min(LONGEST_PAUSE)).await;
    }
}
