//! What another process does in its own time.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; reached only where it never happens.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(5);

/// Looks until something is there, and gives it.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        thread::sleep(LOOK);
    }
}
