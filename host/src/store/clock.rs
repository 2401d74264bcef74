//! The time that rows are stamped with.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix time in seconds; 0 if the clock is before 1970.
pub(super) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_secs().try_into().ok()).unwrap_or(0)
}
