//! PostgreSQL as a home of the store, which many machines share.
//!
//! A transaction that writes first takes an advisory lock of the database (`pg_advisory_xact_lock`), which all others
//! that write take too, and reads what is committed: so it is alone, as one of SQLite's is. It is never to be tried
//! again, and a server that dies releases the lock with its connection.

mod address;
mod connection;
mod dialect;
mod migrate;
mod session;
mod values;
mod work;

use secrecy::SecretString;

use self::address::Address;
use self::connection::Connection;
use self::work::{Answer, Work};
use super::engine::{Begin, Database, Engine, Running};
use super::value::Value;
use crate::store::error::StoreError;

/// A connection to a PostgreSQL.
pub(in crate::store) struct Postgres {
    connection: Connection,
    /// The server and the database, without a password.
    name: String,
    /// For connections that hold a lock.
    address: Address,
}

/// A transaction of it.
struct Begun<'a> {
    postgres: &'a Postgres,
    is_over: bool,
}

impl Postgres {
    /// Connects to a database.
    ///
    /// # Errors
    /// When the URL is wrong, or the server can't be reached or refuses the user.
    pub(in crate::store) fn connect(url: &SecretString, password: Option<&SecretString>) -> Result<Self, StoreError> {
        let address = Address::parse(url, password)?;
        let name = address.name();
        let postgres = Self { connection: Connection::start(address.clone()), name, address };
        // The first transaction shows whether the server can be used at all.
        drop(postgres.begin(Begin::Read)?);
        Ok(postgres)
    }

    /// The server and the database, for users.
    pub(in crate::store) fn name(&self) -> &str {
        &self.name
    }

    /// Brings the database to the newest version, in one transaction, unless another process has done so first.
    ///
    /// # Errors
    /// When a newer crhost has written it, or it can't be changed.
    pub(in crate::store) fn migrate(&self) -> Result<(), StoreError> {
        migrate::migrate(self)
    }

    /// Whether the database has the tables of this version; `false` also if it has none yet.
    ///
    /// # Errors
    /// When a newer crhost has written it.
    pub(in crate::store) fn is_current(&self) -> Result<bool, StoreError> {
        migrate::is_current(self)
    }

    fn ask(&self, work: Work) -> Result<Answer, StoreError> {
        self.connection.ask(work).map_err(|error| StoreError::Postgres(Box::new(error.of_name(&self.name))))
    }

    /// Runs several statements, outside of any transaction.
    #[cfg(test)]
    pub(in crate::store) fn run(&self, sql: &str) -> Result<(), StoreError> {
        drop(self.begin(Begin::Read)?);
        self.ask(Work::Batch(sql.to_owned())).map(drop)
    }
}

impl Database for Postgres {
    fn begin(&self, begin: Begin) -> Result<Box<dyn Running + '_>, StoreError> {
        self.ask(Work::Begin(begin))?;
        Ok(Box::new(Begun { postgres: self, is_over: false }))
    }

    fn engine(&self) -> &dyn Engine {
        self
    }

    fn glance(&self, sql: &str) -> Result<Vec<Vec<Value>>, StoreError> {
        match self.ask(Work::Glance(sql.to_owned()))? {
            Answer::Rows(rows) => Ok(rows),
            Answer::Changed(_) => Ok(Vec::new()),
        }
    }

    fn hold(&self, name: &str) -> Result<Option<Box<dyn Send>>, StoreError> {
        // A connection of its own: what is asked of the store meanwhile is not to be in one transaction with it, and
        // the lock ends with the connection.
        let (database, address) = (self.name.clone(), self.address.clone());
        let holder = Self { connection: Connection::start(address.clone()), name: database, address };
        holder.ask(Work::Begin(Begin::Read))?;
        holder.ask(Work::Turn(Value::Text(name.to_owned())))?;
        Ok(Some(Box::new(holder)))
    }

    fn sight(&self) -> &'static str {
        "SELECT (SELECT number FROM revision), (SELECT least FROM crhost_version),
         EXTRACT(EPOCH FROM clock_timestamp())::bigint"
    }

    fn clock(&self) -> Option<&'static str> {
        Some("SELECT EXTRACT(EPOCH FROM clock_timestamp())::bigint")
    }

    fn guards(&self) -> &'static str {
        "SELECT relname::text FROM pg_catalog.pg_class WHERE oid = to_regclass('audit')
         UNION ALL SELECT tgname::text FROM pg_catalog.pg_trigger
         WHERE tgrelid = to_regclass('audit') AND tgenabled IN ('O', 'A')"
    }

    fn explain(&self, error: StoreError) -> StoreError {
        error
    }
}

impl Running for Begun<'_> {
    fn engine(&self) -> &dyn Engine {
        self.postgres
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.is_over = true;
        self.postgres.ask(Work::Commit).map(drop)
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // What follows waits for it in any case.
            self.postgres.connection.tell(Work::Rollback);
        }
    }
}

impl Engine for Postgres {
    fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        match self.ask(Work::Execute(dialect::statement(sql), values.to_vec()))? {
            Answer::Changed(rows) => Ok(rows),
            Answer::Rows(_) => Ok(0),
        }
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Vec<Value>>, StoreError> {
        match self.ask(Work::Query(dialect::statement(sql), values.to_vec()))? {
            Answer::Rows(rows) => Ok(rows),
            Answer::Changed(_) => Ok(Vec::new()),
        }
    }

    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.ask(Work::Batch(sql.to_owned())).map(drop)
    }

    fn lock_audit(&self) -> Result<(), StoreError> {
        self.batch(session::LOCK_AUDIT)
    }
}
