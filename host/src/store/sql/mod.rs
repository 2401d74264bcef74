//! SQL for both homes of the store: one file of SQLite, or a PostgreSQL that many machines share.
//!
//! Statements are written once, in what both understand: `?1` for the first value, `ON CONFLICT` for rows that exist,
//! truth values as 0 and 1. What a database has of its own stays in its file here.

mod counted;
mod engine;
mod postgres;
mod sqlite;
mod value;

pub(super) use counted::Counted;
pub(super) use engine::{Begin, Database, Engine, Transaction};
pub(super) use postgres::Postgres;
pub(super) use sqlite::Sqlite;
pub(super) use value::{Columns, ToValue, Value, Values};
