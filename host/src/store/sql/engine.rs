//! What the store asks of a database.

use super::value::{Columns, Value, Values};
use crate::store::error::StoreError;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Begin {
    /// It only reads, and sees one state.
    Read,
    /// It writes, and is alone: no other one that writes begins before it has ended, so that what it reads is still
    /// true when it writes.
    Write,
    /// It adds rows to the audit. It is the only one that does, and waits for those that write only while they do.
    Append,
}

/// A database.
pub(in crate::store) trait Database {
    /// Begins a transaction.
    ///
    /// # Errors
    /// When the database can't be used, or another transaction writes for too long.
    fn begin(&self, begin: Begin) -> Result<Box<dyn Running + '_>, StoreError>;

    /// Its statements, which belong to the transaction that has begun.
    fn engine(&self) -> &dyn Engine;

    /// The rows of one statement that only reads, as a transaction of its own.
    fn glance(&self, sql: &str) -> Result<Vec<Vec<Value>>, StoreError> {
        self.begin(Begin::Read)?.engine().query(sql, &[])
    }

    /// Waits for a lock of a name, which is held until what is returned is dropped; `None` where one process uses the
    /// database for this.
    ///
    /// # Errors
    /// When another one holds it for too long.
    fn hold(&self, _name: &str) -> Result<Option<Box<dyn Send>>, StoreError> {
        Ok(None)
    }

    /// A statement for what a server looks at before each login: the number of changes, the oldest version that may
    /// work with the tables, and the database's Unix time in seconds; each is `NULL` where there is none.
    fn sight(&self) -> &'static str;

    /// A statement for the database's Unix time in seconds; `None` where it has no clock of its own.
    fn clock(&self) -> Option<&'static str> {
        None
    }

    /// A statement for the names of the audit's table and of its triggers that are on.
    fn guards(&self) -> &'static str;

    /// A failure of the database in the words of this one, such as those of its file.
    fn explain(&self, error: StoreError) -> StoreError;
}

/// A transaction that has begun. Dropped, it is rolled back.
pub(in crate::store) trait Running {
    /// Its statements.
    fn engine(&self) -> &dyn Engine;

    /// Makes its changes last.
    ///
    /// # Errors
    /// When they could not be made; whether they were is not known where the connection broke.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Statements in a transaction.
pub(in crate::store) trait Engine {
    /// Runs a statement and gives the number of rows that it changed.
    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError>;

    /// The rows of a statement.
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, StoreError>;

    /// Runs several statements without values.
    fn batch(&self, sql: &str) -> Result<(), StoreError>;

    /// Has no other transaction add rows to the audit until this one ends.
    fn lock_audit(&self) -> Result<(), StoreError>;
}

/// A transaction, as the operations of the store see it.
pub(in crate::store) struct Transaction<'a>(pub(in crate::store) &'a dyn Engine);

impl Transaction<'_> {
    /// Runs a statement and gives the number of rows that it changed.
    pub(in crate::store) fn execute(&self, sql: &str, values: impl Values) -> Result<u64, StoreError> {
        self.0.execute(sql, &values.to_values())
    }

    /// The first row of a statement; `None` if it has none.
    pub(in crate::store) fn first<C: Columns>(&self, sql: &str, values: impl Values) -> Result<Option<C>, StoreError> {
        Ok(self.all(sql, values)?.into_iter().next())
    }

    /// The only row of a statement that always has one.
    pub(in crate::store) fn only<C: Columns>(&self, sql: &str, values: impl Values) -> Result<C, StoreError> {
        self.first(sql, values)?.ok_or_else(|| StoreError::Damaged("a row is missing".into()))
    }

    /// All rows of a statement.
    pub(in crate::store) fn all<C: Columns>(&self, sql: &str, values: impl Values) -> Result<Vec<C>, StoreError> {
        let wrong = || StoreError::Damaged("a row has columns of other types".into());
        let rows = self.0.query(sql, &values.to_values())?;
        rows.into_iter().map(|row| C::of(row).ok_or_else(wrong)).collect()
    }

    /// Runs several statements without values.
    #[cfg(test)]
    pub(in crate::store) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.0.batch(sql)
    }
}
