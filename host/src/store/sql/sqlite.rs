//! SQLite as a home of the store: one file, or memory.

use std::path::PathBuf;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::engine::{Begin, Database, Engine, Running};
use super::value::Value;
use crate::store::error::StoreError;

/// A connection to a file or to memory.
pub(in crate::store) struct Sqlite {
    connection: Connection,
    /// The file, for errors.
    file: PathBuf,
}

/// A transaction of it.
struct Begun<'a> {
    database: &'a Sqlite,
    is_over: bool,
}

impl Sqlite {
    /// The database of a connection to this file.
    pub(in crate::store) fn of(connection: Connection, file: PathBuf) -> Self {
        Self { connection, file }
    }
}

impl Database for Sqlite {
    fn begin(&self, begin: Begin) -> Result<Box<dyn Running + '_>, StoreError> {
        // The write lock is taken first, so that what is read is still true at the first write. A reader sees one
        // state: no other process can commit until it ends.
        self.connection.execute_batch(if begin == Begin::Read { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
        Ok(Box::new(Begun { database: self, is_over: false }))
    }

    fn engine(&self) -> &dyn Engine {
        self
    }

    fn sight(&self) -> &'static str {
        "SELECT (SELECT number FROM revision), NULL, NULL"
    }

    fn guards(&self) -> &'static str {
        "SELECT name FROM sqlite_master WHERE tbl_name = 'audit' AND type IN ('table', 'trigger')"
    }

    fn explain(&self, error: StoreError) -> StoreError {
        error.of_file(&self.file)
    }
}

impl Running for Begun<'_> {
    fn engine(&self) -> &dyn Engine {
        self.database
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.database.connection.execute_batch("COMMIT")?;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.is_over
            && let Err(error) = self.database.connection.execute_batch("ROLLBACK")
        {
            tracing::debug!("a transaction was not rolled back: {error}");
        }
    }
}

impl Engine for Sqlite {
    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let changed = self.connection.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map(params_from_iter(values), |row| {
            (0..columns).map(|at| row.get_ref(at).and_then(value)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    fn lock_audit(&self) -> Result<(), StoreError> {
        // A transaction that writes is alone.
        Ok(())
    }
}

fn value(column: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(_) => Value::Text(column.as_str()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // No column has this type.
        ValueRef::Real(_) => Value::Null,
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
