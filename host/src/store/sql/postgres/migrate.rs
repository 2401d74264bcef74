//! The way of a database to today's tables.
//!
//! Servers of several versions may share it while they are updated: each finds the version of the tables and the oldest
//! version that may work with them, and one that is older than that leaves them alone.

use super::dialect;
use crate::store::error::StoreError;
use crate::store::sql::engine::{Begin, Database, Transaction};
use crate::store::steps::{LEAST, STEPS, known};

/// What is written of the tables.
#[derive(Clone, Copy)]
struct Found {
    /// Their version; 0 if there are none.
    version: i64,
    /// The oldest version that may work with them; absent where a crhost made them that said nothing of it.
    least: Option<i64>,
}

impl Found {
    /// Reads it.
    ///
    /// # Errors
    /// When the tables are those of a newer crhost, which this one can't work with.
    fn of(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let found = Self::read(transaction)?;
        match (found.version, found.least) {
            (version, None) if version > known() => Err(StoreError::Newer { found: version, known: known() }),
            (version, Some(least)) if least > known() => Err(StoreError::Newer { found: version, known: known() }),
            _ => Ok(found),
        }
    }

    fn read(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        // From a table, whose lock has the session look at what others have committed: without one, it would still know
        // the table as missing that another one has made while this one waited to write.
        if transaction.only("SELECT to_regclass('crhost_version') IS NULL FROM pg_catalog.pg_class LIMIT 1", ())? {
            return Ok(Self { version: 0, least: None });
        }
        // The column may be missing, which a row in JSON does not mind.
        let sql = "SELECT version, (to_jsonb(crhost_version) ->> 'least')::bigint FROM crhost_version";
        let (version, least) = transaction.only(sql, ())?;
        Ok(Self { version, least })
    }

    /// Whether nothing is to be done.
    fn is_current(self) -> bool {
        self.version >= known() && self.least.is_some()
    }
}

/// Whether the tables are those of this version, or newer ones that it may work with.
pub(super) fn is_current(database: &dyn Database) -> Result<bool, StoreError> {
    let view = database.begin(Begin::Read)?;
    Ok(Found::of(&Transaction(view.engine()))?.is_current())
}

/// Brings the tables to this version. All steps and the new version are one transaction: one that is killed half way
/// leaves what was there.
pub(super) fn migrate(database: &dyn Database) -> Result<(), StoreError> {
    if is_current(database)? {
        return Ok(());
    }
    let running = database.begin(Begin::Write)?;
    let transaction = Transaction(running.engine());
    let found = Found::of(&transaction)?;
    // Another process was faster, perhaps one of a newer version.
    if found.is_current() {
        return Ok(());
    }
    let version = found.version;
    let done = usize::try_from(version).map_err(|_| StoreError::Damaged(format!("its version is {version}").into()))?;
    running.engine().batch(dialect::FUNCTIONS)?;
    for step in STEPS.iter().skip(done) {
        running.engine().batch(&dialect::step(step))?;
    }
    let table = "CREATE TABLE IF NOT EXISTS crhost_version
                 (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), version BIGINT NOT NULL);
                 ALTER TABLE crhost_version ADD COLUMN IF NOT EXISTS least BIGINT";
    running.engine().batch(table)?;
    let sql = "INSERT INTO crhost_version (only_row, version, least) VALUES (1, ?1, ?2)
               ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, least = excluded.least";
    transaction.execute(sql, [known(), LEAST])?;
    running.commit()
}
