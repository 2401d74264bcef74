//! Turns: of all servers that share a database, one does something of a name at a time.

use super::database::Store;
use super::error::StoreError;

/// A turn; it ends when this is dropped, also by the end of the process.
pub(crate) struct StoreTurn {
    /// The connection that has the lock.
    _holder: Option<Box<dyn Send>>,
}

impl Store {
    /// Waits for the turn of a name. On one machine there is nothing to wait for: its processes have their own ways.
    ///
    /// # Errors
    /// When the database can't be reached, or another one has had its turn for too long.
    pub(crate) fn turn(&self, name: &str) -> Result<StoreTurn, StoreError> {
        Ok(StoreTurn { _holder: self.database.hold(name)? })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;
    use crate::store::homes::on_postgres;

    /// Longer than other locks are waited for.
    const SLOW: Duration = Duration::from_secs(11);

    #[test]
    #[ignore = "needs the PostgreSQL that CRHOST_TEST_DATABASE names"]
    fn a_turn_is_waited_for_as_long_as_a_slow_provider_takes() {
        on_postgres(|home| {
            let (begun, wait) = mpsc::channel();
            thread::scope(|scope| {
                scope.spawn(move || {
                    let _turn = Store::open(home).unwrap().turn("a").unwrap();
                    begun.send(()).unwrap();
                    thread::sleep(SLOW);
                });
                wait.recv().unwrap();
                let store = Store::open(home).unwrap();
                drop(store.turn("b").unwrap());
                drop(store.turn("a").unwrap());
            });
        });
    }
}
