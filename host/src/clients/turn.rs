//! One process at a time asks a flavor for the credentials of a registry: a client that starts twenty helpers at once
//! would otherwise have as many tokens made, and its provider may refuse some.

use std::fs::{File, OpenOptions, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::files::private;
use crate::store::{Home, Name};

/// The longest wait for another process. Most flavors answer within seconds; one that has not by then may be stopped.
const LIMIT: Duration = Duration::from_secs(30);

/// The time between two tries: short beside any request to a provider.
const PAUSE: Duration = Duration::from_millis(10);

/// The turn of this process, until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Turn {
    _lock: Option<File>,
}

impl Turn {
    /// Waits until no other process has the turn of a registry. Where no lock can be had, as in a directory that can't
    /// be written to, each process asks for itself.
    #[must_use]
    pub(crate) fn wait(home: &Home, registry: &Name) -> Self {
        let lock = open(home, registry).filter(|file| {
            let end = Instant::now() + LIMIT;
            loop {
                match file.try_lock() {
                    Ok(()) => return true,
                    Err(TryLockError::WouldBlock) if Instant::now() < end => sleep(PAUSE),
                    Err(_) => return false,
                }
            }
        });
        Self { _lock: lock }
    }
}

/// The file that is locked. It stays, as another process may wait for it.
fn open(home: &Home, registry: &Name) -> Option<File> {
    let directory = home.turns();
    private::create_directory(&directory).ok()?;
    OpenOptions::new().create(true).truncate(false).write(true).open(directory.join(registry.as_str())).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn a_turn_begins_when_the_one_before_has_ended_and_another_registry_has_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::at(directory.path());
        let [one, other] = ["one", "other"].map(|name| name.parse::<Name>().unwrap());
        let first = Turn::wait(&home, &one);
        assert!(first._lock.is_some() && Turn::wait(&home, &other)._lock.is_some());
        let (sender, waited) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let second = Turn::wait(&home, &one);
                sender.send(second._lock.is_some()).unwrap();
            });
            assert!(waited.recv_timeout(Duration::from_millis(50)).is_err());
            drop(first);
            assert!(waited.recv().unwrap());
        });
    }

    #[test]
    fn without_a_directory_each_process_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(Turn::wait(&Home::at(&file), &"one".parse().unwrap())._lock.is_none());
    }
}
