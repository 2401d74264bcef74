//! Failures of PostgreSQL.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::busy::BUSY_TIMEOUT;
use crate::error::Explain;
use crate::network::connection_words;
use crate::text::Escaped;

/// A failure of PostgreSQL.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum PostgresError {
    /// The URL can't be read. It is not shown: it may have a password.
    #[error("the database's URL is invalid: {0}")]
    #[explain(kind = Usage, hint = "expected `postgres://USER@HOST[:PORT]/DATABASE[?sslmode=require]`")]
    Url(Escaped),
    /// TLS can't be set up.
    #[error("TLS to the database can't be set up: {0}")]
    #[explain(hint = "see the certificates that `sslrootcert` of the URL, or SSL_CERT_FILE, names")]
    Tls(Escaped),
    /// The server does not answer.
    #[error("the database can't be reached: {0}")]
    #[explain(kind = Network, hint = "see that it runs, and that CRHOST_DATABASE or `--database` names it")]
    Unreachable(Escaped),
    /// As above, of a known server.
    #[error("the database `{name}` can't be reached: {reason}")]
    #[explain(kind = Network, hint = "see that it runs, and that CRHOST_DATABASE or `--database` names it")]
    UnreachableServer {
        /// Server and database.
        name: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The server refuses the user.
    #[error("the database refuses the login: {0}")]
    #[explain(
        kind = Auth,
        hint = "see the user and the password of its URL; PGPASSWORD gives a password that the URL does not have"
    )]
    Login(Escaped),
    /// The connection broke in a transaction.
    #[error("the connection to the database broke; whether the last change was made is not known")]
    #[explain(kind = Network, hint = "try again; what was changed half is not kept")]
    Lost,
    /// Another one writes.
    #[error("another one has been writing to the database for more than {} seconds", BUSY_TIMEOUT.as_secs())]
    #[explain(kind = Network, hint = "try again; `SELECT * FROM pg_locks WHERE locktype = 'advisory'` shows who it is")]
    Locked,
    /// The user may not do this.
    #[error("the database does not allow it: {0}")]
    #[explain(
        kind = Auth,
        hint = "have its owner give this user the right (`GRANT`); tables are made by a user who may create them: run \
                it once as that one"
    )]
    Denied(Escaped),
    /// It can't be written to.
    #[error("the database is read-only: {0}")]
    #[explain(hint = "name the primary; `target_session_attrs=read-write` in the URL finds it among several hosts")]
    ReadOnly(Escaped),
    /// Anything else.
    #[error("the database failed: {0}")]
    #[explain(hint = "the log of the database server says more")]
    Failed(Escaped),
}

impl PostgresError {
    /// The failure of a statement.
    pub(in crate::store) fn of(error: &Error) -> Self {
        let Some(database) = error.as_db_error() else {
            // A value that could not be read is no broken connection.
            return if error.is_closed() || is_io(error) { Self::Lost } else { Self::Failed(words(error)) };
        };
        match *database.code() {
            SqlState::LOCK_NOT_AVAILABLE => Self::Locked,
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Self::Lost,
            SqlState::INSUFFICIENT_PRIVILEGE => Self::Denied(database.message().into()),
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::ReadOnly(database.message().into()),
            _ => Self::Failed(database.message().into()),
        }
    }

    /// The failure of a new connection.
    pub(in crate::store) fn of_connecting(error: &Error) -> Self {
        let Some(database) = error.as_db_error() else { return Self::Unreachable(words(error)) };
        match database.code().code().get(..2) {
            Some("28") => Self::Login(database.message().into()),
            // It starts, ends, or has no room.
            Some("57" | "53" | "08") => Self::Unreachable(database.message().into()),
            _ => Self::Failed(database.message().into()),
        }
    }

    /// The thread is gone.
    pub(in crate::store) fn stopped() -> Self {
        Self::Failed("its thread has stopped".into())
    }

    /// The same, of a database of this name.
    pub(in crate::store) fn of_name(self, name: &str) -> Self {
        match self {
            Self::Unreachable(reason) => Self::UnreachableServer { name: name.into(), reason },
            other => other,
        }
    }

    /// Whether it may have passed in a moment.
    pub(in crate::store) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Lost)
    }
}

fn is_io(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// The words of an error: those of TLS or of the operating system, or the library's with those of the cause, which
/// says what they leave out.
fn words(error: &Error) -> Escaped {
    if let Ok(words) = connection_words(error) {
        return words.into();
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    match (error.to_string(), cause) {
        (own, cause) if cause.is_empty() || own.contains(&cause) => own.into(),
        (own, cause) => format!("{own}: {cause}").into(),
    }
}
