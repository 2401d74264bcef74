//! What crhost keeps between runs: one SQLite file, and beside it the components' files and the key of stored secrets.
//!
//! Every change is one transaction, so that any number of processes may work at once and a kill at any instant leaves the
//! old or the new state. The store keeps what it is given; whether that makes sense is for the layers above.

mod connectors;
mod credentials;
mod error;
mod fields;
mod flavors;
mod grants;
mod home;
mod key;
mod keyring;
mod learnt;
mod places;
pub(crate) mod private;
mod registries;
mod rotation;
mod runs;
mod schema;
mod seal;
pub(crate) mod trust;

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use connectors::{ConnectorRecord, ConnectorSummary};
pub(crate) use credentials::KeptCredential;
pub(crate) use error::StoreError;
pub(crate) use fields::{StoredField, StoredKind, StoredValue};
pub(crate) use flavors::{Added, FlavorRecord};
pub(crate) use grants::Grantee;
pub(crate) use home::Home;
use key::Key;
pub(crate) use registries::RegistryRecord;
pub(crate) use rotation::KeyPlace;
pub(crate) use runs::Run;

/// The name that a user gives to something: a letter or digit, then letters, digits, `.`, `_` or `-`, at most 63.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Name(String);

/// A text that is no name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no name: expected letters, digits, `.`, `_` or `-`, the first a letter or digit, at most 63")]
pub(crate) struct NameError(String);

impl Name {
    /// The name as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let valid = text.len() <= 63
            && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if valid { Ok(Self(text.to_owned())) } else { Err(NameError(crate::text::printable(text, 80))) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The open store.
pub(crate) struct Store {
    connection: RefCell<Connection>,
    components: PathBuf,
    folder: PathBuf,
    /// What the keyring gave, by its entry.
    from_keyring: RefCell<Option<(String, Key)>>,
}

/// How long to wait for another process that writes; a write takes milliseconds.
const BUSY: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store, or makes an empty one.
    ///
    /// # Errors
    /// When its folder can't be used, or holds a store of a newer crhost.
    pub(crate) fn open(home: &Home) -> Result<Self, StoreError> {
        let components = home.data().join("components/sha256");
        let file = home.data().join("crhost.db");
        private::create_folder(home.data()).map_err(|reason| StoreError::File { path: home.data().into(), reason })?;
        private::create_folder(&components).map_err(|reason| StoreError::File { path: components.clone(), reason })?;
        private::create_file(&file).map_err(|reason| StoreError::File { path: file.clone(), reason })?;
        let mut connection = Connection::open(&file)?;
        connection.busy_timeout(BUSY)?;
        // Acknowledged means on disk; and no second file that a network file system could lose sight of.
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // What was removed is gone from the file too.
        connection.pragma_update(None, "secure_delete", "ON")?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            connection: RefCell::new(connection),
            components,
            folder: home.data().to_owned(),
            from_keyring: RefCell::default(),
        })
    }

    /// Reads in one consistent view.
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection.borrow();
        // Until it ends nobody else can commit, so that all that is read is of one state.
        let view = connection.unchecked_transaction()?;
        let value = read(&view)?;
        view.finish()?;
        Ok(value)
    }

    /// Changes in one transaction; the write lock is taken at once, so that what it read is still true when it writes.
    fn change<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// Unix time in seconds.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_secs().try_into().ok()).unwrap_or(0)
}
