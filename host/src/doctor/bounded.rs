//! Checks that end in time, whatever they wait for.

use std::time::Duration;

use tokio::time::timeout;

use super::finding::{Check, Finding};
use crate::error::Kind;

/// Longest time of one check. The longest wait inside of one is that for a credential helper, a minute, which has a
/// better reason to tell.
pub(super) const LIMIT: Duration = Duration::from_secs(70);

/// Has a check end in time.
pub(super) async fn within(check: Check, work: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    timeout(LIMIT, work).await.unwrap_or_else(|_| vec![too_long(check)])
}

/// Has work end in time that holds a thread, such as that on a file system of another machine.
///
/// # Errors
/// The finding, where it does not end.
pub(super) async fn on_thread<T: Send + 'static>(
    check: Check,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Box<Finding>> {
    match timeout(LIMIT, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) | Err(_) => Err(Box::new(too_long(check))),
    }
}

fn too_long(check: Check) -> Finding {
    let found = format!("the check did not end within {} seconds", LIMIT.as_secs());
    Finding::problem(check, Kind::Network, found, "run it again with `-vv`, which tells what it waits for")
}
