//! The open store and its transactions. The other files of this module give it its operations.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::StoreError;
use super::home::Home;
use super::key::Key;
use super::schema;
use crate::files::private;

/// The open store.
pub(crate) struct Store {
    connection: RefCell<Connection>,
    /// The directory of components, each named by its digest.
    pub(super) components: PathBuf,
    /// The directory of all data; the key's file is in it.
    pub(super) directory: PathBuf,
    /// The key from the keyring, with the name of its entry, once it was read.
    pub(super) keyring_key: RefCell<Option<(String, Key)>>,
}

/// Wait for another process that writes; a write takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the store, or makes an empty one.
    ///
    /// # Errors
    /// When its directory can't be used, or holds a store of a newer crhost.
    pub(crate) fn open(home: &Home) -> Result<Self, StoreError> {
        let directory = home.data().to_owned();
        let (components, file) = (directory.join("components/sha256"), directory.join("crhost.db"));
        let failed = |path: &PathBuf| {
            let path = path.into();
            move |reason: std::io::Error| StoreError::File { path, reason: reason.into() }
        };
        private::create_directory(&directory).map_err(failed(&directory))?;
        private::create_directory(&components).map_err(failed(&components))?;
        private::create_file(&file).map_err(failed(&file))?;
        let mut connection = Connection::open(&file)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // A committed transaction is on disk; and there is no second file that a network file system could lose.
        connection.pragma_update(None, "journal_mode", "TRUNCATE")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Removed rows are overwritten in the file.
        connection.pragma_update(None, "secure_delete", "ON")?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection: RefCell::new(connection), components, directory, keyring_key: RefCell::default() })
    }

    /// Reads in one consistent view.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.connection.borrow();
        // No other process can commit until it ends, so that all reads see one state.
        let view = connection.unchecked_transaction()?;
        let value = read(&view)?;
        view.finish()?;
        Ok(value)
    }

    /// Changes in one transaction. The write lock is taken first, so that reads in it are still true when it writes.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection.borrow_mut();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = change(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}
