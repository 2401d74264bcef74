//! The resource use of the last calls of each flavor.
//!
//! They are told to whoever asks, and nothing depends on them. So each flavor's are a small file beside the database,
//! added to without waiting for the disk: a transaction waits for it several times, at every command, longer than many
//! commands work. After a power cut, or where one process cuts a file while another adds to it, some runs are missing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::database::Store;
use super::error::StoreError;
use crate::files::unsynced;

/// One call of a flavor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    /// The function of the contract.
    pub(crate) function: String,
    /// Its outcome: `done`, `refused` or `failed`.
    pub(crate) outcome: String,
    /// Its wall time.
    #[serde(rename = "microseconds", serialize_with = "microseconds", deserialize_with = "of_microseconds")]
    #[cfg_attr(test, schemars(with = "u64"))]
    pub(crate) time: Duration,
    /// Its linear memory, in bytes.
    pub(crate) memory: usize,
    /// The number of its requests, denied ones included.
    pub(crate) requests: usize,
}

/// Most runs of each flavor: those of the last three pushes.
const MAX_RUNS: usize = 6;

/// Bytes of a file that has to be cut to its last runs: a hundred, of less than 200 bytes each. Until then runs are
/// only added, since a file that takes another's place is written to the disk at once, for milliseconds.
const LARGE: u64 = 16 << 10;

/// Bytes of a file that are read: one that is large, and what several processes add at the same moment.
const MAX_FILE: usize = 64 << 10;

/// The directory of the files, below that of all data.
const DIRECTORY: &str = "runs";

fn microseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

fn of_microseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_micros)
}

impl Store {
    /// Adds runs of a flavor, and removes its oldest ones. A failure is logged: the calls themselves have succeeded.
    pub(crate) fn add_runs(&self, flavor: &str, runs: &[Run]) {
        // A store in memory has no directory.
        if runs.is_empty() || !self.can_be_changed() || self.directory.as_os_str().is_empty() {
            return;
        }
        let file = self.runs_file(flavor);
        // A line of its own, even behind one that was cut off.
        if let Err(reason) = unsynced::append(&file, &[b"\n", lines(runs).as_slice()].concat())
            .and_then(|length| if length > LARGE { unsynced::replace(&file, &lines(&read(&file))) } else { Ok(()) })
        {
            tracing::debug!("the runs of `{flavor}` are not kept: {reason}");
        }
    }

    /// The last runs of a flavor, the newest first.
    pub(crate) fn runs(&self, flavor: &str) -> Vec<Run> {
        let mut runs = read(&self.runs_file(flavor));
        runs.reverse();
        runs
    }

    /// Removes the runs of a flavor.
    ///
    /// # Errors
    /// When they can't be removed.
    pub(super) fn remove_runs(&self, flavor: &str) -> Result<(), StoreError> {
        let file = self.runs_file(flavor);
        match fs::remove_file(&file) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::File { path: file.into(), reason: reason.into() })
            }
            _ => Ok(()),
        }
    }

    /// The file of a flavor's runs. Names of flavors and keys of policies have no character that means something in a
    /// path.
    fn runs_file(&self, flavor: &str) -> PathBuf {
        self.directory.join(DIRECTORY).join(flavor)
    }
}

/// Each run as a line.
fn lines(runs: &[Run]) -> Vec<u8> {
    // Strings and numbers, which JSON can always represent.
    runs.iter()
        .filter_map(|run| serde_json::to_vec(run).ok())
        .flat_map(|line| [line, b"\n".to_vec()].concat())
        .collect()
}

/// The last runs in a file, the oldest first. A line that was cut off counts as absent.
fn read(file: &Path) -> Vec<Run> {
    let bytes = unsynced::read(file, MAX_FILE);
    let runs = bytes.rsplit(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
    let mut last: Vec<Run> = runs.take(MAX_RUNS).collect();
    last.reverse();
    last
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    fn run(n: usize) -> Run {
        Run {
            function: "validate-uri".to_owned(),
            outcome: "done".to_owned(),
            time: Duration::from_micros(n as u64),
            memory: n << 16,
            requests: n,
        }
    }

    #[test]
    fn the_last_runs_are_kept_and_older_ones_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        for n in 0..10 {
            store.add_runs("a", &[run(n)]);
        }
        store.add_runs("b", &[run(99)]);
        let kept: Vec<Run> = (4..10).rev().map(run).collect();
        assert_eq!(store.runs("a"), kept);
        assert_eq!(store.runs("b"), [run(99)]);
        assert_eq!(store.runs("c"), []);
        store.remove_runs("a").unwrap();
        store.remove_runs("a").unwrap();
        assert_eq!((store.runs("a").len(), store.runs("b").len()), (0, 1));
        // Cut off by a power cut.
        fs::write(store.runs_file("b"), b"{\"function\":\"desc").unwrap();
        assert_eq!(store.runs("b"), []);
        store.add_runs("b", &[run(1)]);
        assert_eq!(store.runs("b"), [run(1)]);
    }

    #[test]
    fn a_file_of_runs_does_not_grow_without_end() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        for _ in 0..1000 {
            store.add_runs("a", &[run(7)]);
            let length = fs::metadata(store.runs_file("a")).unwrap().len();
            assert!(length <= LARGE, "{length}");
        }
        assert_eq!(store.runs("a"), vec![run(7); MAX_RUNS]);
    }
}
