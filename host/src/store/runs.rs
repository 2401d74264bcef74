//! The resource use of the last calls of each flavor.

use std::time::Duration;

use serde::Serialize;

use super::clock::now;
use super::database::Store;
use super::error::StoreError;

/// One call of a flavor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    /// The function of the contract.
    pub(crate) function: String,
    /// Its outcome: `done`, `refused` or `failed`.
    pub(crate) outcome: String,
    /// Its wall time.
    #[serde(rename = "microseconds", serialize_with = "microseconds")]
    #[cfg_attr(test, schemars(with = "u64"))]
    pub(crate) time: Duration,
    /// Its linear memory, in bytes.
    pub(crate) memory: usize,
    /// The number of its requests, denied ones included.
    pub(crate) requests: usize,
}

/// Most runs of each flavor: those of the last three pushes.
const MAX_RUNS: u32 = 6;

fn microseconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

/// Far below 2^63: calls, memory and requests have limits.
fn integer(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

fn unsigned<T: TryFrom<i64> + Default>(value: i64) -> T {
    value.try_into().unwrap_or_default()
}

impl Store {
    /// Adds runs of a flavor, and removes its oldest ones.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn add_runs(&self, flavor: &str, runs: &[Run]) -> Result<(), StoreError> {
        if runs.is_empty() {
            return Ok(());
        }
        self.change(|transaction| {
            for Run { function, outcome, time, memory, requests } in runs {
                let numbers = (integer(time.as_micros()), integer(*memory), integer(*requests), now());
                let sql = "INSERT INTO runs (flavor, function, outcome, microseconds, memory, requests, ran_at)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                let values = (flavor, function, outcome, numbers.0, numbers.1, numbers.2, numbers.3);
                transaction.execute(sql, values)?;
            }
            let sql = "DELETE FROM runs WHERE flavor = ?1 AND id NOT IN
                       (SELECT id FROM runs WHERE flavor = ?1 ORDER BY id DESC LIMIT ?2)";
            transaction.execute(sql, (flavor, MAX_RUNS))?;
            Ok(())
        })
    }

    /// The last runs of a flavor, the newest first.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn runs(&self, flavor: &str) -> Result<Vec<Run>, StoreError> {
        self.read(|connection| {
            let sql =
                "SELECT function, outcome, microseconds, memory, requests FROM runs WHERE flavor = ?1 ORDER BY id DESC";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([flavor], |row| {
                Ok(Run {
                    function: row.get(0)?,
                    outcome: row.get(1)?,
                    time: Duration::from_micros(unsigned(row.get(2)?)),
                    memory: unsigned(row.get(3)?),
                    requests: unsigned(row.get(4)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    #[test]
    fn the_last_runs_are_kept_and_older_ones_removed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let run = |n: usize| Run {
            function: "validate-uri".to_owned(),
            outcome: "done".to_owned(),
            time: Duration::from_micros(n as u64),
            memory: n << 16,
            requests: n,
        };
        for n in 0..10 {
            store.add_runs("a", &[run(n)]).unwrap();
        }
        store.add_runs("b", &[run(99)]).unwrap();
        let kept: Vec<Run> = (4..10).rev().map(run).collect();
        assert_eq!(store.runs("a").unwrap(), kept);
        assert_eq!(store.runs("b").unwrap(), [run(99)]);
        assert_eq!(store.runs("c").unwrap(), []);
    }
}
