//! Waits for others who use the database.

use std::time::Duration;

/// Wait for another one that writes; a write takes milliseconds.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
