//! What the connection's thread is asked, and what it answers.

use crate::store::sql::engine::Begin;
use crate::store::sql::value::Value;

/// What the thread is asked.
pub(super) enum Work {
    /// To begin a transaction.
    Begin(Begin),
    /// To run a statement, with its values.
    Execute(String, Vec<Value>),
    /// To run a statement and give its rows.
    Query(String, Vec<Value>),
    /// To run a statement that only reads, outside of any transaction, and give its rows.
    Glance(String),
    /// To wait for a turn, as long as a provider of another server may take.
    Turn(Value),
    /// To run several statements without values.
    Batch(String),
    /// To make the changes of the transaction last.
    Commit,
    /// To end the transaction without them.
    Rollback,
}

/// What came of it.
pub(super) enum Answer {
    /// It is done; the number of rows that changed.
    Changed(u64),
    /// Its rows.
    Rows(Vec<Vec<Value>>),
}
