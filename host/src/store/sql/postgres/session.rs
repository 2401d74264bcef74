//! A session with the server: it connects again where the connection broke between two transactions, and prepares each
//! statement once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::values;
use super::work::{Answer, Work};
use crate::store::busy::BUSY_TIMEOUT;
use crate::store::postgres_error::PostgresError;
use crate::store::sql::engine::Begin;
use crate::store::sql::value::Value;

/// Limits that the server keeps: for a lock, as SQLite's; for a statement; for a transaction that nothing is asked of,
/// which would keep all others from writing. Edits of files of other clients are made inside of one.
const LIMITS: &str =
    "SET lock_timeout = '10s'; SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'";

/// All reads see one state.
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// `crho`, and the schema: one lock for each store of a database. Each later statement sees what was committed before
/// the lock was taken.
const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
                           SELECT pg_advisory_xact_lock(1668442223, hashtext(current_schema()))";

/// `crho` plus two, and the schema: the lock of the audit's chain. Whoever has it sees its last row.
pub(super) const LOCK_AUDIT: &str = "SELECT pg_advisory_xact_lock(1668442225, hashtext(current_schema()))";

/// As above, for what adds rows to the audit and changes nothing else.
const BEGIN_APPEND: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
                            SELECT pg_advisory_xact_lock(1668442225, hashtext(current_schema()))";

/// Limits of a turn: others wait as long as a flavor with its provider may take, and whoever has it asks the database
/// nothing meanwhile.
const TURN_LIMITS: &str = "SET LOCAL lock_timeout = '70s'; SET LOCAL statement_timeout = '75s'; \
                           SET LOCAL idle_in_transaction_session_timeout = '180s'";

/// The lock of a turn, which ends with its connection.
const TURN: &str = "SELECT pg_advisory_xact_lock(1668442224, hashtext(current_schema() || ' ' || $1)) IS NULL";

/// Longest wait for a turn.
const TURN_ANSWER: Duration = Duration::from_secs(80);

/// Wait for a server that was there before: it may start again.
const RECONNECT: Duration = Duration::from_secs(15);

/// First and longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Longest wait for an answer: longer than the server's own limits.
const ANSWER: Duration = Duration::from_secs(45);

/// The session, connected or not.
pub(super) struct Session {
    address: Address,
    connected: Option<Connected>,
    /// Whether it was connected once.
    was_connected: bool,
}

/// A client with its prepared statements.
struct Connected {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl Session {
    /// A session that connects at the first transaction.
    pub(super) fn new(address: Address) -> Self {
        Self { address, connected: None, was_connected: false }
    }

    /// Does what is asked.
    pub(super) async fn work(&mut self, work: Work) -> Result<Answer, PostgresError> {
        match work {
            Work::Begin(begin) => self.patiently(Start::Begin(begin)).await,
            Work::Glance(sql) => self.patiently(Start::Glance(&sql)).await,
            work => self.within(work).await,
        }
    }

    /// Does what is asked within a transaction.
    async fn within(&mut self, work: Work) -> Result<Answer, PostgresError> {
        let Some(connected) = &mut self.connected else { return Err(PostgresError::Lost) };
        let longest = if matches!(work, Work::Turn(_)) { TURN_ANSWER } else { ANSWER };
        let done = match timeout(longest, connected.run(work)).await {
            Ok(done) => done.map_err(|error| PostgresError::of(&error)),
            Err(_) => Err(PostgresError::Lost),
        };
        if matches!(done, Err(PostgresError::Lost)) || connected.client.is_closed() {
            // The transaction went with it.
            self.connected = None;
        }
        done
    }

    /// Does what begins something, on a new connection if the old one broke: nothing was done in it yet.
    async fn patiently(&mut self, start: Start<'_>) -> Result<Answer, PostgresError> {
        let patience = if self.was_connected { RECONNECT } else { Duration::ZERO };
        let (since, mut pause) = (Instant::now(), PAUSES.0);
        loop {
            let error = match self.try_start(start).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !error.may_pass() || since.elapsed() + pause > patience {
                return Err(error);
            }
            tracing::debug!("the database is asked again: {error}");
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn try_start(&mut self, start: Start<'_>) -> Result<Answer, PostgresError> {
        let mut connected = match self.connected.take().filter(|connected| !connected.client.is_closed()) {
            Some(connected) => connected,
            None => self.connect().await?,
        };
        self.was_connected = true;
        match timeout(BUSY_TIMEOUT * 2, connected.start(start)).await {
            Ok(Ok(answer)) => {
                self.connected = Some(connected);
                Ok(answer)
            }
            Ok(Err(error)) => {
                // Without the lock, the transaction is there and has failed.
                let begins = matches!(start, Start::Begin(_));
                if !begins || connected.client.batch_execute("ROLLBACK").await.is_ok() {
                    self.connected = Some(connected);
                }
                Err(PostgresError::of(&error))
            }
            Err(_) => Err(PostgresError::Lost),
        }
    }

    async fn connect(&self) -> Result<Connected, PostgresError> {
        let tls = MakeRustlsConnect::new(self.address.tls()?);
        let connecting = self.address.config().connect(tls);
        let (client, connection) = match timeout(ANSWER, connecting).await {
            Ok(connected) => connected.map_err(|error| PostgresError::of_connecting(&error))?,
            Err(_) => return Err(PostgresError::Unreachable("it does not answer".into())),
        };
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("the connection to the database ended: {error}");
            }
        });
        client.batch_execute(LIMITS).await.map_err(|error| PostgresError::of_connecting(&error))?;
        Ok(Connected { client, prepared: HashMap::new() })
    }
}

/// What begins something.
#[derive(Clone, Copy)]
enum Start<'a> {
    /// A transaction.
    Begin(Begin),
    /// A statement alone.
    Glance(&'a str),
}

impl Connected {
    async fn start(&mut self, start: Start<'_>) -> Result<Answer, Error> {
        let sql = match start {
            Start::Begin(Begin::Write) => BEGIN_WRITE,
            Start::Begin(Begin::Append) => BEGIN_APPEND,
            Start::Begin(Begin::Read) => BEGIN_READ,
            Start::Glance(sql) => return self.query(sql.to_owned(), &[]).await.map(Answer::Rows),
        };
        self.client.batch_execute(sql).await.map(|()| Answer::Changed(0))
    }

    async fn run(&mut self, work: Work) -> Result<Answer, Error> {
        match work {
            Work::Execute(sql, values) => {
                let statement = self.statement(sql).await?;
                let values = values::references(&values);
                self.client.execute(&statement, &values).await.map(Answer::Changed)
            }
            Work::Query(sql, values) => self.query(sql, &values).await.map(Answer::Rows),
            Work::Turn(name) => {
                self.client.batch_execute(TURN_LIMITS).await?;
                self.query(TURN.to_owned(), &[name]).await.map(Answer::Rows)
            }
            Work::Batch(sql) => self.client.batch_execute(&sql).await.map(|()| Answer::Changed(0)),
            Work::Commit => self.client.batch_execute("COMMIT").await.map(|()| Answer::Changed(0)),
            Work::Rollback => self.client.batch_execute("ROLLBACK").await.map(|()| Answer::Changed(0)),
            // Done by the session.
            Work::Begin(_) | Work::Glance(_) => Ok(Answer::Changed(0)),
        }
    }

    async fn query(&mut self, sql: String, values: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
        let statement = self.statement(sql).await?;
        let rows = self.client.query(&statement, &values::references(values)).await?;
        rows.iter().map(values::of_row).collect()
    }

    async fn statement(&mut self, sql: String) -> Result<Statement, Error> {
        if let Some(statement) = self.prepared.get(&sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&sql).await?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }
}
