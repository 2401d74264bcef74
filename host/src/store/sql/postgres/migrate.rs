//! The way of a database to today's tables.

use super::dialect;
use crate::store::error::StoreError;
use crate::store::sql::engine::{Begin, Database, Transaction};
use crate::store::steps::STEPS;

/// The version that this program knows.
fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The version of the tables; 0 if there are none.
fn version(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    // From a table, whose lock has the session look at what others have committed: without one, it would still know
    // the table as missing that another one has made while this one waited to write.
    if transaction.only("SELECT to_regclass('crhost_version') IS NULL FROM pg_catalog.pg_class LIMIT 1", ())? {
        return Ok(0);
    }
    transaction.only("SELECT version FROM crhost_version", ())
}

/// The version that is found, which is not newer than the known one.
fn found(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let (found, known) = (version(transaction)?, known());
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found) }
}

/// Whether the tables are those of this version.
pub(super) fn is_current(database: &dyn Database) -> Result<bool, StoreError> {
    let view = database.begin(Begin::Read)?;
    Ok(found(&Transaction(view.engine()))? == known())
}

/// Brings the tables to this version. All steps and the new version are one transaction: one that is killed half way
/// leaves what was there.
pub(super) fn migrate(database: &dyn Database) -> Result<(), StoreError> {
    if is_current(database)? {
        return Ok(());
    }
    let running = database.begin(Begin::Write)?;
    let transaction = Transaction(running.engine());
    let found = found(&transaction)?;
    let done = usize::try_from(found).map_err(|_| StoreError::Damaged(format!("its version is {found}").into()))?;
    running.engine().batch(dialect::FUNCTIONS)?;
    for step in STEPS.iter().skip(done) {
        running.engine().batch(&dialect::step(step))?;
    }
    let table = "CREATE TABLE IF NOT EXISTS crhost_version
                 (only_row BIGINT PRIMARY KEY CHECK (only_row = 1), version BIGINT NOT NULL)";
    running.engine().batch(table)?;
    let sql = "INSERT INTO crhost_version (only_row, version) VALUES (1, ?1)
               ON CONFLICT (only_row) DO UPDATE SET version = excluded.version";
    transaction.execute(sql, [known()])?;
    running.commit()
}
